#!/usr/bin/env bash
# A real window on a virtual display, driven by real keys: it opens, plays, steps, switches panels and closes.
set -u
program="${FOURTUPLE:?}"
for tool in xvfb-run xdotool; do
  if ! command -v "$tool" > /dev/null; then
    echo "skipped: $tool is not installed"
    exit 77
  fi
done
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"

cat > "$work/drive.sh" << 'SCRIPT'
program="$1" scenario="$2" log="$3"
"$program" view "$scenario" > "$log" 2>&1 &
pid=$!
window=""
for _ in $(seq 100); do
  window="$(xdotool search --onlyvisible --name Fourtuple 2> /dev/null | head -n 1)"
  [ -n "$window" ] && break
  kill -0 "$pid" 2> /dev/null || { echo "the program ended early"; cat "$log"; exit 1; }
  sleep 0.1
done
[ -n "$window" ] || { echo "no window appeared"; kill "$pid"; exit 1; }
xdotool windowfocus "$window" 2> /dev/null
for key in space Right Left shift+Right Home End t l g Return BackSpace x f question Escape bracketright n p F5 F5 d; do
  xdotool key --window "$window" "$key"
  sleep 0.1
  kill -0 "$pid" 2> /dev/null || { echo "it ended after the key $key"; cat "$log"; exit 1; }
done
title="$(xdotool getwindowname "$window")"
xdotool mousemove --window "$window" 300 300 click 1 click 4 click 5
sleep 0.3
kill -0 "$pid" 2> /dev/null || { echo "it ended after a click"; cat "$log"; exit 1; }
# At rest it uses no processor time: the clock ticks of two seconds are few.
xdotool key --window "$window" Home
sleep 1.5
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
before="$(ticks)"
sleep 2
used=$(($(ticks) - before))
[ "$used" -le 20 ] || { echo "it uses $used clock ticks in two seconds at rest"; kill "$pid"; exit 1; }
kill "$pid"
wait "$pid" 2> /dev/null
grep -q '"theme": "light"' "$XDG_CONFIG_HOME/fourtuple/settings.json" || { echo "the theme is not remembered"; exit 1; }
grep -q first_run.yaml "$XDG_STATE_HOME/fourtuple/window.json" || { echo "the file is not remembered"; exit 1; }
case "$title" in
  *"Two programs and one web server"*) ;;
  *) echo "unexpected title: $title"; exit 1 ;;
esac
SCRIPT

xvfb-run -a -s "-screen 0 1440x900x24" bash "$work/drive.sh" "$program" "$SOURCE_DIR/scenarios/first_run.yaml" "$work/log"
status=$?
if [ "$status" -ne 0 ]; then
  echo "the window test failed"
  cat "$work/log" 2> /dev/null
  exit 1
fi

# Without any display there is one clear sentence and no crash.
message="$(env -u DISPLAY -u WAYLAND_DISPLAY "$program" view "$SOURCE_DIR/scenarios/first_run.yaml" 2>&1)"
status=$?
[ "$status" -eq 2 ] || { echo "without a display the exit code is $status"; exit 1; }
case "$message" in
  *--screenshot*) ;;
  *) echo "without a display it says: $message"; exit 1 ;;
esac
echo "the window opened, took keys and rested"
