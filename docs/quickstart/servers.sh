# Functions for walk.sh: servers in a temporary directory $work that go when the script ends.
work=$(mktemp -d)
servers=()
stop_servers() {
  [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2> /dev/null || true
  wait
  rm -rf "$work"
}
trap stop_servers EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_registry NAME: sets $registry to HOST:PORT once the server answers. The port may be taken in between, so it tries again.
start_registry() {
  local name=$1 port pid
  for _ in 1 2 3 4 5; do
    port=$(free_port)
    cat > "$work/$name.yml" << YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $work/$name}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$port"}
YAML
    docker-registry serve "$work/$name.yml" > "$work/$name.log" 2>&1 &
    pid=$!
    for _ in $(seq 100); do
      if curl --noproxy "*" -fsS "http://127.0.0.1:$port/v2/" > /dev/null 2>&1 && kill -0 "$pid" 2> /dev/null; then
        servers+=("$pid")
        registry=127.0.0.1:$port
        return
      fi
      kill -0 "$pid" 2> /dev/null || break
      sleep 0.1
    done
    kill "$pid" 2> /dev/null || true
  done
  cat "$work/$name.log" >&2
  exit 1
}

# Sets $hub, $private and $eol to HOST:PORT.
start_servers() {
  start_registry hub
  hub=$registry
  start_registry private
  private=$registry
  "$here/../../tests/support/eol_server.py" > "$work/eol.port" &
  servers+=($!)
  for _ in $(seq 100); do
    [ -s "$work/eol.port" ] && break
    sleep 0.1
  done
  [ -s "$work/eol.port" ] || { echo "the EOL server does not start" >&2; exit 1; }
  eol=127.0.0.1:$(cat "$work/eol.port")
}

make_git_repository() {
  git init -q -b main .
  git config user.name "Platform team"
  git config user.email platform@example.com
  printf 'plan.json\ntf.json\n.imglife/\n' > .gitignore
  git add .
  git commit -qm "The images that we keep"
}
