//! The `headroom` binary: wires the parts and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::cli::main()
}
