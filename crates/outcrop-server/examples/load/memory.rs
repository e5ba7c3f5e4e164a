//! The memory of this process, and what else of it may grow.

use std::time::Duration;

use peak_alloc::PeakAlloc;
use tokio::runtime::Handle;

/// Counts the bytes that are in use; what is not given back shows here at once. Behind it is the system's allocator, which
/// holds more than is in use and gives pages back when it likes.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(20);

/// What a process has at a moment; none where the system does not tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    /// Bytes in use on the heap.
    pub(crate) heap: usize,
    /// Resident bytes that no file is behind.
    pub(crate) anonymous: Option<f64>,
    /// Resident bytes.
    pub(crate) resident: Option<f64>,
    /// Tasks that have not ended.
    pub(crate) tasks: usize,
    /// Open files, sockets among them.
    pub(crate) files: Option<usize>,
}

impl Held {
    /// What is held now.
    pub(crate) fn now() -> Self {
        Self {
            heap: HEAP.current_usage(),
            anonymous: status("RssAnon:"),
            resident: status("VmRSS:"),
            tasks: Handle::current().metrics().num_alive_tasks(),
            files: std::fs::read_dir("/proc/self/fd").ok().map(Iterator::count),
        }
    }

    /// What is held once nothing goes on any more: connections end a little after whoever held them.
    pub(crate) async fn quiet() -> Self {
        let mut last = Self::now();
        for _ in 0..50 {
            tokio::time::sleep(EVERY).await;
            let now = Self::now();
            if (now.tasks, now.files) == (last.tasks, last.files) && now.heap.abs_diff(last.heap) < 1024 {
                return now;
            }
            last = now;
        }
        last
    }
}

/// A time of a soak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Bytes in use on the heap, in the mean. At a moment they are more or less by what is under way.
    pub(crate) mean: f64,
    /// The most that were in use.
    pub(crate) most: usize,
    /// What was held at its end.
    pub(crate) end: Held,
}

impl Span {
    /// Watches for a time.
    pub(crate) async fn watch(until: tokio::time::Instant) -> Self {
        let (mut sum, mut looks, mut most) = (0.0, 0.0, 0);
        while tokio::time::Instant::now() < until {
            let heap = HEAP.current_usage();
            sum += heap as f64;
            looks += 1.0;
            most = most.max(heap);
            tokio::time::sleep(EVERY).await;
        }
        let end = Held::now();
        Self { mean: if looks > 0.0 { sum / looks } else { end.heap as f64 }, most: most.max(end.heap), end }
    }
}

fn status(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024.0)
}
