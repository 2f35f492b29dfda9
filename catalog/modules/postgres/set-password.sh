# Gives the owner of a data folder that is there already the password in POSTGRES_PASSWORD_FILE, in
# the pod, before the server starts: the image reads that file only when it makes the folder. Without
# a server, so nobody can connect with another password meanwhile. The password is in no list of
# processes (printf is part of the shell) and in no log, whatever fails.
set -eu

[ -s "$PGDATA/PG_VERSION" ] || exit 0

password="$(sed "s/'/''/g" "$POSTGRES_PASSWORD_FILE")"

printf "ALTER ROLE \"%s\" PASSWORD '%s';\n" "$POSTGRES_USER" "$password" |
  postgres --single -D "$PGDATA" \
    -c exit_on_error=true \
    -c log_statement=none \
    -c log_min_error_statement=panic \
    postgres > /dev/null
