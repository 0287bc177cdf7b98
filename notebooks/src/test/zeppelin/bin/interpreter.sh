#!/usr/bin/env bash
# Starts an interpreter's process, as the script of this name in an installed Zeppelin does: Spark's by spark-submit, others by java.
set -euo pipefail
while getopts 'hp:r:d:l:v:u:i:c:g:' option; do
  case "$option" in
    d) folder="$OPTARG" ;;
    c) server="$OPTARG" ;;
    p) port="$OPTARG" ;;
    r) ports="$OPTARG" ;;
    i) group="$OPTARG" ;;
    *) ;;
  esac
done
classes="$folder/*:$ZEPPELIN_HOME/interpreter/*"
main=org.apache.zeppelin.interpreter.remote.RemoteInterpreterServer
if [ -z "${SPARK_HOME:-}" ]; then
  exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx256m -cp "$classes:$ZEPPELIN_HOME/lib/*" "$main" "$server" "$port" "$group" "$ports"
fi
# Zeppelin puts a bar between words
IFS='|' read -r -a options <<< "${ZEPPELIN_SPARK_CONF#|}"
exec "$SPARK_HOME/bin/spark-submit" --class "$main" --driver-class-path "$classes" "${options[@]}" \
  "$(ls "$folder"/spark-interpreter-*.jar)" "$server" "$port" "$group" "$ports"
