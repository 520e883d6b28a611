#!/bin/sh
# Puts what the last stage holds into the folder $1: Node, the libraries that it and the native packages are linked with,
# and Shoal. Runs in the build stage, in the folder with the sources, after `npm prune`.
set -eu
image=$1

# The model's bits depend on V8, so the release of Node is the one that package.json pins.
wanted=$(node -p 'require("./package.json").devDependencies.node')
[ "$(node --version)" = "v$wanted" ] || { echo "the base has Node $(node --version), package.json wants v$wanted" >&2; exit 1; }

# A library keeps its path, by which the loader that is named in the binaries finds it; the Debian folders are links.
library() {
  mkdir -p "$image$(dirname "$1")"
  [ -e "$image$1" ] || cp --dereference "$1" "$image$1"
}

node=$(command -v node)
mkdir -p "$image/usr/local/bin" "$image/app" "$image/etc/shoal" "$image/tmp"
cp --dereference "$node" "$image/usr/local/bin/node"
chmod 0755 "$image/usr/local/bin/node"

# Types, maps and pages of text are of no use to a running process; licences stay with what they are for.
find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.md' \) \
  ! -iname 'licen[cs]e*' ! -iname 'notice*' -delete
rm -rf node_modules/.bin node_modules/.package-lock.json node_modules/@types
find node_modules -depth -type d -name .bin -exec rm -rf {} +
find dist -name '*.d.ts' -delete
cp -R package.json schemas dist dist-console node_modules "$image/app/"
rm -f "$image/app/dist-console/.sources"
cp deploy/docker/alive.mjs "$image/app/alive.mjs"

{ ldd "$node"; find node_modules -name '*.node' -exec ldd {} \; ; } |
  grep -oE '/[^ ]+' | grep -E '\.so[.0-9]*$' | sort -u | while read -r file; do library "$file"; done

echo 'root:x:0:0:root:/:/nonexistent
shoal:x:65532:65532:shoal:/nonexistent:/nonexistent' > "$image/etc/passwd"
echo 'root:x:0:
shoal:x:65532:' > "$image/etc/group"
echo 'hosts: files dns' > "$image/etc/nsswitch.conf"

chown -R 0:0 "$image"
chmod -R u=rwX,go=rX "$image"
chmod 1777 "$image/tmp"
find "$image" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
