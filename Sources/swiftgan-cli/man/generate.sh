#!/bin/sh
# Writes the manual pages anew from the built command, by swift-argument-parser's generate-manual.
set -eu
cd "$(dirname "$0")/../../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The plugin builds the tool; without a folder to write to it stops after that.
swift package --scratch-path .build-man plugin --allow-writing-to-directory "$folder" generate-manual \
  --output-directory "$folder" >&2
tool=$(find .build-man -name generate-manual-tool -type f | head -n 1)
rm -f "$folder"/* Sources/swiftgan-cli/man/*.1
# The tool drops what is not ASCII, so letters with accents go through it under another name.
printf '#!/bin/sh\nbuild/swiftgan "$@" | sed "s/é/@e-acute@/g"\n' >"$folder/swiftgan"
chmod +x "$folder/swiftgan"
"$tool" "$folder/swiftgan" --multi-page --section 1 --date "${DATE:-$(date +%F)}" --output-directory "$folder"
for page in "$folder"/*.1; do
  name=$(basename "$page" .1 | tr . -)
  upper=$(echo "$name" | tr '[:lower:]' '[:upper:]')
  sed -e "s/^\\.Dt .*/.Dt $upper 1/" -e "s/@e-acute@/\\\\('e/g" "$page" >"Sources/swiftgan-cli/man/$name.1"
done
rm -f Sources/swiftgan-cli/man/swiftgan-help.1
