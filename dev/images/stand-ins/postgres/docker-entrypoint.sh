#!/bin/bash
# Entry point of the stand-in: makes the data folder at the first start as the variables of the
# official image say, then becomes the server.
set -Eeuo pipefail

fail() {
  echo "$1" >&2
  exit 1
}

# Takes a variable from the file named in NAME_FILE, or gives it a default. Both at once is a mistake.
read_variable() {
  local name="$1" file_name="$1_FILE" default="${2:-}"
  if [[ -n "${!name:-}" && -n "${!file_name:-}" ]]; then
    fail "error: both $name and $file_name are set (but are exclusive)"
  fi
  if [[ -n "${!file_name:-}" ]]; then
    export "$name=$(<"${!file_name}")"
  else
    export "$name=${!name:-$default}"
  fi
  unset "$file_name"
}

make_folders() {
  mkdir -p "$PGDATA"
  chmod 00700 "$PGDATA" || true
  mkdir -p /var/run/postgresql || true
  chmod 03775 /var/run/postgresql 2> /dev/null || true
}

# initdb wants a name for its user id; any id may run this image.
name_own_user() {
  getent passwd "$(id -u)" > /dev/null && return
  local library
  library="$(find /usr/lib -name libnss_wrapper.so -print -quit)"
  [[ -n "$library" ]] || return
  NSS_WRAPPER_PASSWD="$(mktemp)"
  NSS_WRAPPER_GROUP="$(mktemp)"
  echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" > "$NSS_WRAPPER_PASSWD"
  echo "postgres:x:$(id -g):" > "$NSS_WRAPPER_GROUP"
  export LD_PRELOAD="$library" NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

forget_own_user() {
  [[ -n "${NSS_WRAPPER_PASSWD:-}" ]] || return 0
  rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
  unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

refuse_without_password() {
  [[ -n "$POSTGRES_PASSWORD" || "${POSTGRES_HOST_AUTH_METHOD:-}" == trust ]] && return
  fail 'Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.'
}

make_data_folder() {
  local -a arguments=(--username="$POSTGRES_USER" --auth-local=trust)
  # shellcheck disable=SC2206 # a list of arguments in one variable is what the official image takes
  arguments+=(${POSTGRES_INITDB_ARGS:-})
  name_own_user
  if [[ -n "$POSTGRES_PASSWORD" ]]; then
    initdb --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${arguments[@]}"
  else
    initdb "${arguments[@]}"
  fi
  forget_own_user
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
}

run_sql() {
  PGPASSWORD="$POSTGRES_PASSWORD" psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"
}

make_database() {
  [[ "$POSTGRES_DB" == postgres ]] && return
  run_sql --dbname postgres --set db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";'
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) if [[ -x "$file" ]]; then "$file"; else . "$file"; fi ;;
      *.sql) run_sql --dbname "$POSTGRES_DB" --file "$file" ;;
      *.sql.gz) gunzip --stdout "$file" | run_sql --dbname "$POSTGRES_DB" ;;
    esac
  done
}

# The server that prepares the database listens on its socket only, so nobody takes it for ready.
prepare_database() {
  refuse_without_password
  make_data_folder
  PGUSER="$POSTGRES_USER" pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses=''" --wait start
  make_database
  run_init_files
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
  echo
  echo 'PostgreSQL init process complete; ready for start up.'
  echo
}

main() {
  if [[ "${1:0:1}" == - ]]; then set -- postgres "$@"; fi
  if [[ "$1" == postgres ]]; then
    if [[ "$(id -u)" == 0 ]]; then
      make_folders
      chown -R postgres "$PGDATA" /var/run/postgresql
      exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
    fi
    make_folders
    read_variable POSTGRES_PASSWORD
    read_variable POSTGRES_USER postgres
    read_variable POSTGRES_DB "$POSTGRES_USER"
    read_variable POSTGRES_INITDB_ARGS
    if [[ ! -s "$PGDATA/PG_VERSION" ]]; then prepare_database; fi
  fi
  exec "$@"
}

main "$@"
