//! The `fft` command.

use mimalloc::MiMalloc;

/// Ten thousand nodes are some million small pieces, made by many threads and freed by others: the system's allocator
/// takes a quarter more time for them, and keeps more free between those in use.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    fft::cli::main()
}
