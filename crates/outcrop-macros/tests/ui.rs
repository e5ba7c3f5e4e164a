//! What the compiler says when `family!` is used wrongly. `TRYBUILD=overwrite` blesses.

#[test]
fn faults_of_a_spec_are_compile_errors_that_show_the_yaml() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
