//! What lists become.

use super::*;

const OWN_HEAD: &str = "id\tserved\tmode\tcontext\toutput\tcapabilities\twhy\n";

/// A table from lines with blanks for tabs; `-` is an empty cell.
fn list(text: &str) -> String {
    let cell = |cell: &str| if cell == "-" { String::new() } else { cell.to_owned() };
    let line = |line: &str| line.split_whitespace().map(cell).collect::<Vec<_>>().join("\t") + "\n";
    text.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
}

fn given() -> Given {
    let models = list(
        "key path prefix base_model_id family mode api max_input_tokens max_output_tokens usd_in_per_1M usd_out_per_1M features deprecation_date
         acme.one - - acme.one acme chat bedrock 100 10 1 2 tools -
         us.acme.one - us acme.one acme chat bedrock 90 9 1 2 - 2031-01-01
         eu.acme.one - eu acme.one acme chat bedrock 90 9 1.1 2.2 - -
         bedrock/r-1/acme.one bedrock/r-1 - acme.one acme chat bedrock 100 10 3 4 - -
         bedrock/r-1/1-month/acme.one bedrock/r-1/1-month - acme.one acme chat bedrock 100 10 - - - -
         acme.away - - acme.away acme chat bedrock 100 10 1 2 - -
         bedrock_mantle/acme.host bedrock_mantle - acme.host acme chat bedrock_mantle 100 10 1 2 - -
         acme.song - - acme.song acme realtime bedrock 100 10 1 2 - -
         acme.other - - acme.other —(other) chat bedrock 100 10 1 2 - -
         acme.wrong - - acme.wrong acme chat bedrock 100 10 1 2 - -
         thing - - thing acme chat bedrock 100 10 1 2 - -",
    );
    let regions = list(
        "model_id region access endpoint lifecycle
         acme.one r-2 on_demand runtime active
         acme.one r-1 on_demand runtime+mantle active
         acme.one r-3 profile_only runtime active
         acme.one r-4 on_demand mantle_only active
         acme.away r-1 on_demand mantle_only active
         acme.unknown r-1 on_demand runtime active",
    );
    let profiles = list(
        "profile_id source_region destination_regions
         us.acme.one r-2 r-3,r-1
         us.acme.one r-1 r-1,r-3
         us.acme.one r-3 *
         us.acme.away r-3 *",
    );
    Given { models: Some(models), regions: Some(regions), profiles: Some(profiles) }
}

fn own() -> String {
    format!("{OWN_HEAD}acme.guide\tyes\tchat\t5\t\timage\tguide\nacme.wrong\tno\t\t\t\t\twrong\n")
}

#[test]
fn lists_become_tables_of_what_invoke_model_serves() {
    let [models, prices, regions, profiles] = tables(&given(), &own(), Default::default()).unwrap();
    let rows = |table: &str| table.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&models), ["acme.guide\tchat\t5\t\t\t\timage", "acme.one\tchat\t100\t10\t\t2031-01-01\ttools"]);
    let starts = ["acme.one\t-,us\t1\t2\t", "acme.one\teu\t1.1\t2.2\t", "acme.one\tr-1\t3\t4\t"];
    assert_eq!(rows(&prices).len(), starts.len());
    assert!(rows(&prices).iter().zip(starts).all(|(row, start)| row.starts_with(start)), "{prices}");
    assert_eq!(rows(&regions), ["acme.one\ton-demand\tactive\tr-1,r-2", "acme.one\tprofile\tactive\tr-3"]);
    assert_eq!(rows(&profiles), ["us.acme.one\tr-1,r-2\tr-1,r-3", "us.acme.one\tr-3\t*"]);
}

#[test]
fn what_is_not_given_stays_and_the_same_lists_change_nothing() {
    let first = tables(&given(), &own(), Default::default()).unwrap();
    assert_eq!(tables(&Given::default(), &own(), first.clone()).unwrap(), first);
    assert_eq!(tables(&given(), &own(), first.clone()).unwrap(), first);
    let gone = tables(&Given::default(), &format!("{OWN_HEAD}acme.one\tno\t\t\t\t\tgone\n"), first).unwrap();
    assert!(gone.iter().all(|table| !table.contains("acme.one")), "what own.tsv takes away is away everywhere");
}

#[test]
fn faults_of_lists_name_the_line() {
    let regions = list("model_id region access endpoint lifecycle\nacme.one r-1 sometimes runtime active");
    let fault = tables(&Given { regions: Some(regions), ..given() }, &own(), Default::default()).unwrap_err();
    assert_eq!(fault, "the list of regions:2: nobody knows the access `sometimes`");
    let fault = tables(&given(), &format!("{OWN_HEAD}acme.one\tmaybe\t\t\t\t\t\n"), Default::default()).unwrap_err();
    assert_eq!(fault, "own.tsv:2: `served` is `yes` or `no`");
}
