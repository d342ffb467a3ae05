//! What the machine's own network does in the same run: the same bytes to as many connections, with no server between.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

use super::measure::{Amount, Durations};

/// Connections that are ready at once.
const READY_MAX: usize = 256;
/// What has not come within this is not waited for.
const LAST_MAX: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// When each message was begun to be written, in nanoseconds from the start.
type Begun = Arc<[AtomicU64]>;

/// Writes a message of `bytes` bytes to each of so many TCP connections of this machine, `rate` times a second, and
/// times from the first write of a message until each has been read: one thread writes, another reads, and neither
/// does anything else.
pub(super) fn fan_out(
    connections: u32,
    bytes: usize,
    rate: u32,
    time: Duration,
) -> io::Result<(Amount, Durations)> {
    let messages = usize::try_from(u128::from(rate) * time.as_millis() / 1_000).unwrap_or(1).max(1);
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for _ in 0..connections {
        let stream = TcpStream::connect(listener.local_addr()?)?;
        stream.set_nonblocking(true)?;
        there.push(stream);
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        here.push(stream);
    }
    let begun: Begun = (0..messages).map(|_| AtomicU64::new(0)).collect();
    let started = Instant::now();
    let reader: JoinHandle<io::Result<Durations>> =
        std::thread::Builder::new().name("wire".into()).spawn({
            let begun = begun.clone();
            move || read(there, bytes, &begun, started)
        })?;
    let (message, gap) = (vec![b'x'; bytes], Duration::from_secs(1) / rate.max(1));
    let began = Instant::now();
    for (turn, begun) in (0_u32..).zip(begun.iter()) {
        sleep((began + gap * turn).saturating_duration_since(Instant::now()));
        begun.store(u64::try_from(started.elapsed().as_nanos()).unwrap_or(0), Ordering::Release);
        for stream in &mut here {
            stream.write_all(&message)?;
        }
    }
    let durations = reader.join().map_err(|_| io::Error::other("the reading thread panicked"))??;
    let events = durations.count();
    let written = u64::try_from(bytes).unwrap_or(0) * events;
    Ok((Amount { events, bytes: written, elapsed: time }, durations))
}

fn read(
    mut streams: Vec<TcpStream>,
    bytes: usize,
    begun: &[AtomicU64],
    started: Instant,
) -> io::Result<Durations> {
    let poll = epoll::create(CreateFlags::CLOEXEC)?;
    for (number, stream) in (0_u64..).zip(&streams) {
        epoll::add(&poll, stream, EventData::new_u64(number), EventFlags::IN)?;
    }
    let (mut durations, mut missing) = (Durations::new(), streams.len() * begun.len());
    let mut taken = vec![0_usize; streams.len()];
    let mut room = vec![0_u8; 16 << 10];
    let mut ready = Vec::with_capacity(READY_MAX);
    while missing > 0 {
        ready.clear();
        epoll::wait(&poll, rustix::buffer::spare_capacity(&mut ready), Some(&LAST_MAX))?;
        if ready.is_empty() {
            return Err(io::Error::new(ErrorKind::TimedOut, "the machine's own network stood still"));
        }
        for event in &ready {
            let number = usize::try_from(event.data.u64()).unwrap_or(0);
            let before = taken[number] / bytes;
            match streams[number].read(&mut room) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(came) => taken[number] += came,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            let now = started.elapsed();
            for begun in &begun[before..taken[number] / bytes] {
                let begun = Duration::from_nanos(begun.load(Ordering::Acquire));
                durations.record(now.saturating_sub(begun));
                missing -= 1;
            }
        }
    }
    Ok(durations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_comes_to_every_connection() {
        let (amount, durations) = fan_out(7, 300, 1_000, Duration::from_millis(50)).unwrap();
        assert_eq!((amount.events, amount.bytes, durations.count()), (7 * 50, 7 * 50 * 300, 7 * 50));
        assert!(durations.quantiles().p50_us < 1_000_000);
    }
}
