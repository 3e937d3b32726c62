//! The crates of the binary, and the properties that follow from them.

use api::logging::OTHERS;
use cargo_metadata::MetadataCommand;

use crate::{root, run};

/// `cargo run` builds no test kit.
#[test]
fn the_default_member_is_the_binary() {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec();
    let metadata = metadata.expect("cargo metadata reads it");
    let names: Vec<&str> = metadata.workspace_default_packages().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["api"]);
}

/// `HEADROOM_LOG` takes the names of the crates that log, and no others.
#[test]
fn every_crate_that_logs_can_be_named_in_the_log_filter() {
    let of_headroom = ["api", "domain", "storage", "env_filter", "env_logger"];
    let logging = ["log", "tracing"].into_iter().flat_map(|facade| {
        let inverted = ["--invert", facade, "--depth", "1", "--prefix", "none", "--format", "{lib}"];
        let tree =
            run("cargo", &[&["tree", "--locked", "--package", "api", "--edges", "normal"][..], &inverted].concat());
        tree.lines().filter(|name| *name != facade && !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    });
    let mut logging: Vec<String> = logging.filter(|name| !of_headroom.contains(&name.as_str())).collect();
    logging.sort_unstable();
    logging.dedup();
    assert_eq!(logging, OTHERS);
}

/// The domain looks zones up in jiff's database. Any crate of the binary could switch that to the
/// machine's.
#[test]
fn the_binary_reads_its_time_zones_from_nowhere_but_itself() {
    let format = ["--prefix", "none", "--format", "{p}|{f}"];
    let tree = run("cargo", &[&["tree", "--locked", "--package", "api", "--edges", "normal"][..], &format].concat());
    let jiff = tree.lines().find_map(|line| line.strip_prefix("jiff v")?.split_once('|'));
    let (_, features) = jiff.expect("jiff is in the binary");
    assert!(features.contains("tzdb-bundle-always"), "{features}");
    for system in ["tz-system", "tzdb-zoneinfo", "tzdb-concatenated"] {
        assert!(!features.contains(system), "{features}");
    }
}
