//! Time and allocations of an operation.

use std::time::Duration;

use cpu_time::ThreadTime;

use crate::cases::Case;

const ROUNDS: usize = 9;

fn time(op: &mut dyn FnMut(), n: u32) -> Duration {
    let start = ThreadTime::now();
    for _ in 0..n {
        op();
    }
    start.elapsed()
}

/// Runs each implementation of a case `n` times, for tools that count instructions.
pub(crate) fn repeat(case: &mut Case<'_>, n: u32) {
    for (_, op) in &mut case.ops {
        (0..n).for_each(|_| op());
    }
}

/// Measures all implementations of a case in turns, for `ms` milliseconds a round, and prints their rows.
pub(crate) fn run(case: &mut Case<'_>, ms: u32) {
    let mut plans = Vec::new();
    for (_, op) in &mut case.ops {
        op();
        let cost = allocation_counter::measure(&mut *op);
        let mut n = 1;
        let round = loop {
            let took = time(op, n);
            if took >= Duration::from_micros(300) {
                let one = took / n;
                break (Duration::from_millis(u64::from(ms)).as_nanos() / one.as_nanos().max(1)).max(1);
            }
            n *= 2;
        };
        plans.push((cost, u32::try_from(round).unwrap_or(1), Vec::new()));
    }
    for _ in 0..ROUNDS {
        for ((_, op), (_, n, times)) in case.ops.iter_mut().zip(&mut plans) {
            times.push(time(op, *n).as_secs_f64() * 1e9 / f64::from(*n));
        }
    }
    for ((name, _), (cost, _, mut times)) in case.ops.iter().zip(plans) {
        times.sort_by(f64::total_cmp);
        let median = times.get(ROUNDS / 2).copied().unwrap_or_default();
        let Case { name: what, bytes, units, .. } = case;
        println!("row\t{what}\t{name}\t{median:.1}\t{bytes}\t{units}\t{}\t{}", cost.count_total, cost.bytes_total);
    }
}
