//! The two small programs of the documentation run as they stand.

use outcrop_server::Config;

use super::clients::{Kind, command};
use super::endpoint;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_programs_run_with_nothing_but_the_environment_set() {
    let server = endpoint::start(Config::default()).await;
    for (program, last) in [("converse.mjs", "end_turn, "), ("invoke.mjs", "end_turn, ")] {
        let Some(mut command) = command(Kind::JavaScript, program, &server.url()) else { return };
        let output = tokio::task::spawn_blocking(move || command.output().expect("node runs")).await.expect("it ends");
        let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("UTF-8"));
        assert!(output.status.success(), "{program}: {err}");
        let lines: Vec<&str> = out.lines().collect();
        let [said, told] = lines.as_slice() else { panic!("{program}: {out}") };
        assert_eq!(*said, "Which mineral is the hardest?", "{program}");
        let counts: Vec<u32> = told.split(' ').filter_map(|word| word.parse().ok()).collect();
        assert!(told.starts_with(last) && counts.len() == 2 && counts.iter().all(|n| *n > 0), "{program}: {told}");
    }
    server.stop().await;
}
