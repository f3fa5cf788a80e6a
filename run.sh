#!/bin/sh
# Builds what is not built, then serves. Arguments go to the server: ./run.sh --server.port=8080, ./run.sh --help.
# ./run.sh pack DIR makes a package of a folder instead; backup, restore, export and import FILE are about the data.
set -eu

home=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
jar=$home/target/coterie.jar
archive=$home/target/coterie.jsa
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

case ${1-} in pack | backup | restore | export | import) serves=false ;; *) serves=true ;; esac

# A server that is told to end has not failed, also where it is not there yet.
ended='exit 0'
! $serves || trap "$ended" INT TERM

# A small heap that gives memory back, and one collector thread: this is for small machines. Statistics for jstat would wake
# the process twenty times a second.
flags="-XX:+UseSerialGC -XX:-UsePerfData -Xms24m -Xss512k -XX:MinHeapFreeRatio=30 -XX:MaxHeapFreeRatio=50 -XX:-ShrinkHeapInSteps -XX:TieredStopAtLevel=1"
# A server without memory ends, to be started again, rather than go on half dead; and no thread keeps large buffers.
flags="$flags -XX:+ExitOnOutOfMemoryError -Djdk.nio.maxCachedBufferSize=65536"
# The C library would keep what threads gave back, for each of them.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"

# What is about the data is done by the jar that is there: a server may be running on it.
case ${1-} in backup | restore | export | import) keeps=true ;; *) keeps=false ;; esac
if [ ! -f "$jar" ] \
  || { ! $keeps && [ -n "$(find "$home/pom.xml" "$home/src/main" -newer "$jar" 2>/dev/null | head -n 1)" ]; }; then
  echo "Building (once)..." >&2
  (cd "$home" && mvn -q -B -DskipTests package) >&2
fi

# An archive of parsed classes halves the start. It is made by a trial run in a scratch folder and belongs to one JDK and
# one jar; without it, or where target/ cannot be written, the server merely starts more slowly.
stamp="$(command -v "$java") $(ls -ln "$jar")"
if [ "$stamp" != "$(cat "$archive.stamp" 2>/dev/null)" ] && [ -w "$home/target" ] && $serves; then
  scratch=$(mktemp -d)
  # shellcheck disable=SC2086
  (cd "$scratch" && exec env -i "$java" $flags -XX:ArchiveClassesAtExit="$archive" -cp "$jar" io.coterie.TrialRun "$scratch/data") \
      >"$scratch/log" 2>&1 &
  trial=$!
  # In the background, so that whoever ends this does not wait for it.
  trap 'kill -KILL $trial 2>/dev/null; rm -rf "$scratch" "$archive"; exit 0' INT TERM
  if wait $trial; then
    printf '%s\n' "$stamp" >"$archive.stamp"
  else
    rm -f "$archive" "$archive.stamp"
  fi
  rm -rf "$scratch"
  trap "$ended" INT TERM
fi
[ "$stamp" != "$(cat "$archive.stamp" 2>/dev/null)" ] || flags="$flags -XX:SharedArchiveFile=$archive -Xshare:auto -Xlog:disable"

# shellcheck disable=SC2086
exec "$java" $flags ${JAVA_OPTS:-} -jar "$jar" "$@"
