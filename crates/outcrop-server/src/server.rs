//! Starting, accepting, stopping.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tracing::{info, warn};

use crate::config::Config;
use crate::connection;
use crate::service::Service;

/// Why an endpoint does not start: one sentence with the remedy.
#[derive(Debug)]
pub struct StartError(pub(crate) String);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// A running endpoint. It goes on when this is dropped; [`Server::stop`] ends it.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Tells an endpoint to stop, from anywhere.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// No new connection is taken; answers that have begun go on to their end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The same as a URL, for `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What stops it.
    #[must_use]
    pub fn handle(&self) -> Stop {
        Stop(self.stop.clone())
    }

    /// Waits until it has stopped.
    pub async fn wait(self) {
        // It ends by itself; that it was cut off with the runtime is no news to anybody.
        let _ = self.task.await;
    }

    /// Stops it, and waits for the answers that have begun, no longer than the configured time.
    pub async fn stop(self) {
        self.handle().stop();
        self.wait().await;
    }
}

/// Starts an endpoint on the current tokio runtime. When this returns, it listens.
///
/// # Errors
///
/// Addresses that cannot be bound or that others can reach without a key, files that cannot be read or make no sense.
pub async fn serve(config: Config) -> Result<Server, StartError> {
    if !config.listen.ip().is_loopback() && config.api_key.is_none() {
        return Err(StartError(format!(
            "{} can be reached from other machines; give an API key that callers must have, or listen on 127.0.0.1",
            config.listen.ip()
        )));
    }
    if config.api_key.as_ref().is_some_and(String::is_empty) {
        return Err(StartError("the API key is empty; give one of at least one character".to_owned()));
    }
    let refused = |e| StartError(format!("cannot listen on {}: {e}; choose another address or port", config.listen));
    let service = Arc::new(Service::new(&config)?);
    let listener = TcpListener::bind(config.listen).await.map_err(refused)?;
    let addr = listener.local_addr().map_err(refused)?;
    let (stop, stopping) = watch::channel(false);
    info!(%addr, "listening");
    let task = tokio::spawn(accept(listener, service, stopping));
    Ok(Server { addr, stop, task })
}

async fn accept(listener: TcpListener, service: Arc<Service>, mut stopping: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(service.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot,
            () = stopped(&mut stopping) => break,
        };
        let Ok(slot) = slot else { break };
        let accepted = loop {
            tokio::select! {
                accepted = listener.accept() => break Some(accepted),
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                () = stopped(&mut stopping) => break None,
            }
        };
        match accepted {
            None => break,
            Some(Ok((stream, peer))) => {
                // Frames are small, and each is waited for.
                if let Err(e) = stream.set_nodelay(true) {
                    warn!(%peer, "TCP_NODELAY: {e}");
                }
                let (service, stopping) = (Arc::clone(&service), stopping.clone());
                connections.spawn(async move {
                    connection::run(stream, service, stopping).await;
                    drop(slot);
                });
            }
            // Out of descriptors, most likely: it passes when connections end.
            Some(Err(e)) => {
                warn!("accept: {e}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    let left = connections.len();
    info!(connections = left, "stopping");
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(service.limits.grace, all).await.is_err() {
        warn!(connections = connections.len(), "cut off after the time of grace");
    }
}

/// Waits for the word to stop; that nobody can say it any more means nothing.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
