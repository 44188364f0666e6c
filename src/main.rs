//! The `fft` command.

fn main() {
    fft::cli::main()
}
