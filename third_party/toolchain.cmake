# Compiler flags, compiler cache and linker: everything about the tools, nothing about the targets.
# FT_CHECK does not depend on NDEBUG, and assert() of libraries stays on too, so -DNDEBUG is not set.
# -ffp-contract=off: the same picture and the same numbers with and without fused multiply-add.
add_library(fourtuple_flags INTERFACE)
target_compile_options(fourtuple_flags INTERFACE -Wall -Wextra -Wpedantic -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  # GCC bugs 105329 and 105651: inlined std::string and std::copy code is reported as overlapping or out of bounds.
  # clang and the sanitizers watch over the same code.
  target_compile_options(fourtuple_flags INTERFACE -Wno-restrict -Wno-array-bounds
                         -Wno-stringop-overflow -Wno-stringop-overread)
endif()
add_compile_options(-ffp-contract=off)
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-fcolor-diagnostics)
  # Debian's fortified inline functions and clang's own vector types are not ours to warn about.
  target_compile_options(fourtuple_flags INTERFACE -Wno-unknown-warning-option)
endif()

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM)
  # Precompiled headers are cached only with this sloppiness.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  endif()
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  string(REGEX MATCH "^[0-9]+" clang_major "${CMAKE_CXX_COMPILER_VERSION}")
  find_program(LLD_PROGRAM NAMES ld.lld-${clang_major})
else()
  find_program(LLD_PROGRAM NAMES ld.lld)
endif()
mark_as_advanced(LLD_PROGRAM)
if(LLD_PROGRAM)
  add_link_options(-fuse-ld=lld)
endif()

if(FOURTUPLE_SANITIZE OR FOURTUPLE_FUZZ)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${sanitizers})
  add_link_options(${sanitizers})
endif()
if(FOURTUPLE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "FOURTUPLE_FUZZ needs clang: configure with --preset fuzz")
  endif()
endif()
