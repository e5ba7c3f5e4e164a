//! An endpoint that echoes, and a gateway to it that is asked in Converse and speaks the model's own format.

use std::time::Duration;

use outcrop_server::{Backend, Config, Server, Speak, Upstream, serve};

/// Both, in this process.
pub(crate) struct Pair {
    pub(crate) direct: Server,
    pub(crate) gateway: Server,
}

impl Pair {
    pub(crate) async fn start() -> Self {
        let direct = serve(Config::default()).await.expect("the endpoint starts");
        let patience = Duration::from_secs(30);
        let upstream =
            Upstream { url: direct.url(), key: None, speak: Speak::Native, timeout: patience, idle: patience };
        let config = Config { backend: Backend::Upstream(upstream), ..Config::default() };
        Self { gateway: serve(config).await.expect("the gateway starts"), direct }
    }

    pub(crate) async fn stop(self) {
        self.gateway.stop().await;
        self.direct.stop().await;
    }
}
