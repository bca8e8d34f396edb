#!/bin/sh
# Makes the passwords of the stores, once: sh deploy/make-secrets.sh [FOLDER]. Nothing that is there is changed.
# The folder is closed to others; the files in it can be read by the containers' users, into which they are mounted.
set -eu
folder=${1:-secrets}
umask 022
mkdir -p "$folder"
chmod 0700 "$folder"
cd "$folder"

random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

put() { # NAME CONTENT
	if [ -e "$1" ]; then
		echo "kept   $1"
	else
		printf '%s\n' "$2" >"$1.half" && mv "$1.half" "$1" && echo "made   $1"
	fi
}

put postgres_password "$(random)"
put database_password "$(random)"
put database_url "postgresql://bluevest:$(cat database_password)@postgres:5432/bluevest"
put redis_password "$(random)"
put redis_url "redis://:$(cat redis_password)@redis:6379/0"
put valkey_conf "requirepass $(cat redis_password)
dir /data
appendonly yes
save \"\"
maxmemory 128mb
maxmemory-policy noeviction"

for name in twilio_auth_token outside.crt outside.key inside.crt inside.key; do
	[ -e "$name" ] || echo "bring  $name"
done
