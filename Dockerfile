# A small image with fft as its command: `docker run --rm --volume "$PWD:/project" fft run`.
FROM rust:1-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /fft
COPY . .
RUN DUCKDB_SOURCES="$(.ci/duckdb-sources)" cargo build --release --locked --features icu --bin fft

# Python for models in Python; git for the commit that a run notes.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates git python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* && useradd --create-home fft
COPY --from=build /fft/target/release/fft /usr/local/bin/fft
USER fft
WORKDIR /project
ENTRYPOINT ["fft"]
