//! The `fft` command.

fn main() -> std::process::ExitCode {
    fft::cli::main()
}
