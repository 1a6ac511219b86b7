#!/bin/sh
# Stands in for the process that reads a file: the file's name says how it fails.
read -r task
case "$task" in
*silent*) exit 0 ;;
*crash*) kill -SEGV $$ ;;
*out-of-memory*)
    echo "memory allocation of 8589934592 bytes failed" >&2
    kill -ABRT $$
    ;;
*out-of-processor-time*) kill -XCPU $$ ;;
*garbage*) echo "these are no cells" ;;
*endless-output*) while :; do echo "these are no cells"; done ;;
*endless-complaint*) while :; do echo "I cannot read this" >&2; done ;;
*endless-work*) while :; do :; done ;;
*deaf*)
    exec <&-
    while :; do :; done
    ;;
esac
