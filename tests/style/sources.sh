# Shell library: cxx_sources FOLDER… lists our C++ files below the folders that exist, without the style test's samples.
cxx_sources() {
  local folder
  for folder in "$@"; do
    if [ -d "$folder" ]; then
      find "$folder" -type f \( -name '*.h' -o -name '*.cc' \) -not -path 'tests/style/samples/*'
    fi
  done | LC_ALL=C sort
}
