//! The examples run.

#[path = "../../examples/own_family.rs"]
#[allow(dead_code)]
mod own_family;
#[path = "../../examples/typed.rs"]
#[allow(dead_code)]
mod typed;

#[tokio::test]
async fn typed() {
    typed::run().await.unwrap();
}

#[tokio::test]
async fn own_family() {
    own_family::run().await.unwrap();
}
