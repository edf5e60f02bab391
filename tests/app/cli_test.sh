#!/usr/bin/env bash
# The command line itself: help, version, wrong usage with a suggestion, exit codes.
set -uo pipefail
: "${FOURTUPLE:?is set by ctest}"
[ -x "$FOURTUPLE" ] || exit 77
failed=0

# expect STATUS TEXT ARGUMENT…: the command ends with STATUS and prints TEXT somewhere.
expect() {
  local status=$1 text=$2 output actual=0
  shift 2
  output=$("$FOURTUPLE" "$@" 2>&1 </dev/null) || actual=$?
  if [ $actual -ne "$status" ]; then
    echo "fourtuple $*: exit code $actual, expected $status"
    failed=1
  fi
  case $output in
    *"$text"*) ;;
    *)
      echo "fourtuple $*: '$text' is not in: $output"
      failed=1
      ;;
  esac
}

expect 0 "Examples:" --help
expect 0 "fourtuple 0." --version
for command in view run replay live show why render compare check schema drill bench; do
  expect 0 "Example" "$command" --help
done
expect 2 "did you mean 'check'?" chek scenarios/first_run.yaml
expect 2 "there is no command 'zzzzzz'" zzzzzz
expect 2 "did you mean '--json'?" check --jsn scenarios/first_run.yaml
expect 2 "SCENARIO is required" run
expect 2 "'x' is not a number in the range of --packet" why scenarios/first_run.yaml --packet x
expect 2 "'abc' is not a number in the range of --seed" run scenarios/first_run.yaml --seed abc
expect 2 "--seconds" bench --seconds 0s
expect 2 "did you mean 'ss'?" show scenarios/first_run.yaml sss
expect 2 "--keys:1:5: error: unknown key 'Rihgt'" view scenarios/first_run.yaml --screenshot /dev/null --keys 'key Rihgt; key Left'
expect 2 "--filter:1:6: error: there is no host 'sevrer'" view scenarios/first_run.yaml --screenshot /dev/null --filter host:sevrer
expect 2 "--filter requires --events" run scenarios/first_run.yaml --filter dropped
expect 0 "ok: 4 hosts" check scenarios/first_run.yaml
expect 2 "error:" check tests/data/hostile/01-empty.yaml
expect 2 "cannot be read" check absent.yaml
expect 0 '"$schema"' schema
inside=tests/captures/nat_inside.pcap
rules=tests/data/rulesets/01-home-basic.nft
expect 2 "--inside requires --nft" replay $inside --inside 10.0.1.0/24
expect 2 "excludes" replay $inside --flows --nft $rules
expect 0 '"analysis":["duplicate_ack"]' replay tests/captures/shaken.pcap --ndjson
expect 0 "reset by the server" replay tests/captures/web.pcap
expect 0 "[fast retransmission]" replay tests/captures/shaken.pcap --packets
expect 2 "excludes" replay $inside --json --ndjson
# What leaves a capture again.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
expect 2 "--anonymize requires --output" replay $inside --anonymize
expect 2 "--output requires --anonymize" replay $inside -o "$out/a.pcapng"
expect 2 "--json excludes --anonymize" replay $inside --anonymize --json -o "$out/a.pcapng"
expect 2 "No such file or directory" replay $inside --anonymize -o "$out/absent/a.pcapng"
expect 2 "/dev/full: error: cannot be written" replay $inside --anonymize -o /dev/full
expect 2 "this is the capture itself" replay $inside --anonymize -o $inside
expect 2 "copies one capture at a time" replay $inside tests/captures/web.pcap --anonymize -o "$out/a.pcapng"
expect 2 "the key is empty" replay $inside --anonymize --anonymize-key "" -o "$out/a.pcapng"
expect 0 "key: random and forgotten now" replay $inside --anonymize -o "$out/a.pcapng"
expect 0 "payload: 562 B cut off" replay $inside --anonymize --anonymize-key k --anonymize-payload cut -o "$out/a.pcapng"
expect 2 "excludes" replay $inside --anonymize -o "$out/a.pcapng" --to-scenario "$out/a.yaml"
expect 2 "--max-flows requires --to-scenario" replay $inside --max-flows 3
expect 2 "--pcap requires --nft" replay $inside --pcap "$out"
expect 0 "7 of 7 conversations" replay tests/captures/web.pcap --to-scenario "$out/web.yaml"
expect 0 "ok: 3 hosts" check "$out/web.yaml"
expect 2 "the file exists, perhaps with changes of yours" replay tests/captures/web.pcap --to-scenario "$out/web.yaml"
expect 0 "4 left out" replay tests/captures/web.pcap --to-scenario "$out/web.yaml" --force --max-flows 3
expect 2 "no conversation can be done again: 0 of 2" replay tests/captures/midstream.pcap --to-scenario "$out/mid.yaml"
expect 2 "No such file or directory" replay tests/captures/web.pcap --to-scenario "$out/absent/web.yaml"
expect 2 "what came before is in" replay tests/captures/damaged_tail.pcap --anonymize -o "$out/a.pcapng"
expect 2 "--router requires --nft" view $inside --router 10.0.2.2
expect 2 "--nft needs a capture" view --nft $rules --screenshot /dev/null
machine=tests/data/machine
expect 0 "client[11]" replay $machine/lo.pcap --sockets $machine/ss_tanp.txt
expect 0 "udp[13]" replay $machine/lo.pcap --flows --sockets $machine/ss_tanp.txt --sockets $machine/lsof.txt
expect 2 "this is a folder" replay $machine/lo.pcap --sockets $machine
expect 2 "README.md:1:1: error: this is no list of sockets" replay $machine/lo.pcap --sockets README.md
expect 2 "the file is empty" replay $machine/lo.pcap --sockets /dev/null
expect 2 "excludes" replay $machine/lo.pcap --sockets $machine/lsof.txt --nft $rules
expect 2 "sockets are joined to captures" view scenarios/first_run.yaml --sockets $machine/lsof.txt --screenshot /dev/null
expect 2 "error: --sockets needs a capture" view --sockets $machine/lsof.txt --screenshot /dev/null
expect 2 "the file is too long for a list of sockets" replay $machine/lo.pcap --sockets /dev/zero
expect 2 "there is no interface 'eth99'" live eth99
expect 2 "--seconds requires IFACE" live --seconds 3
expect 0 "Netid State" live --once
# What could not be printed is told.
for command in "schema" "live --once" "show scenarios/first_run.yaml ss"; do
  # shellcheck disable=SC2086
  errors=$("$FOURTUPLE" $command 2>&1 >/dev/full)
  status=$?
  case $status$errors in
    2*"standard output: error: cannot be written"*) ;;
    *)
      echo "fourtuple $command >/dev/full: exit code $status and: $errors"
      failed=1
      ;;
  esac
done
exit $failed
