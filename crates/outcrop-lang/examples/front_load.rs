use outcrop_lang::*;
fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let mut sources = Sources::new();
    for dir in ["facade", "dialects", "families"] {
        let mut files: Vec<_> = std::fs::read_dir(root.join(dir)).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        for f in files {
            sources.add(
                format!("{dir}/{}", f.file_name().unwrap().to_str().unwrap()),
                std::fs::read_to_string(&f).unwrap(),
            );
        }
    }
    for name in family_names(&sources) {
        let t = std::time::Instant::now();
        let loaded = load_family(&sources, &name);
        println!(
            "== {name}: {} faults, {:?}, {:?} types",
            loaded.diagnostics.len(),
            t.elapsed(),
            loaded.family.as_ref().map(|f| f.types.len())
        );
        println!("{}", diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain));
        if std::env::args().nth(1).as_deref() == Some(&name) {
            if std::env::args().nth(2).as_deref() == Some("flat") {
                println!("{}", flatten(&sources, &name).unwrap());
            } else {
                println!("{:#?}", loaded.family);
            }
        }
    }
}
