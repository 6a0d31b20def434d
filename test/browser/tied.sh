#!/bin/sh
# Runs "$@" for as long as somebody holds our standard input open. A test process that ends in any
# way, kill -9 included, closes it, and so leaves no browser and no X server behind.
exec 9<&0
"$@" </dev/null 9<&- &
child=$!
# `read` is the shell's own: there is no second process that could outlive this one.
(while read -r _ <&9; do :; done; kill "$child") 2>/dev/null &
watch=$!
trap 'kill "$child" 2>/dev/null' TERM INT HUP
wait "$child"
code=$?
# A trapped signal ends the first wait early, while the child is still on its way out.
wait "$child" 2>/dev/null
kill "$watch" 2>/dev/null
exit "$code"
