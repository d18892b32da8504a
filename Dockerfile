# The image that pipelines run: imglife with git and the builders that need no daemon.
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      ca-certificates cmake g++ libabsl-dev libcli11-dev libcurl4-openssl-dev libfmt-dev libre2-dev libssl-dev \
      libyaml-cpp-dev ninja-build nlohmann-json3-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
RUN cmake --preset release && cmake --build --preset release && strip build/release/imglife

FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
      buildah ca-certificates crun docker.io git jq libabsl20220623 libcurl4 libfmt9 libre2-9 libssl3 libyaml-cpp0.7 \
      openssh-client \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /source/build/release/imglife /usr/local/bin/imglife
CMD ["imglife", "--help"]
