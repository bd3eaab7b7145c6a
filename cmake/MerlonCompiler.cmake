# Compiler, linker and hardening flags, shared by every target through merlon::flags.

add_library(merlon_flags INTERFACE)
add_library(merlon::flags ALIAS merlon_flags)

target_include_directories(merlon_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(merlon_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
  -fstack-protector-strong -fno-plt -fno-semantic-interposition
  # No path of the build machine in the program: packages are the same bytes wherever they are made.
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")

# Library assertions stay on in release: a bug ends the process instead of reading past a buffer.
target_compile_definitions(merlon_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(merlon_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
  target_compile_options(merlon_flags INTERFACE -fcf-protection)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # No file needs more than this to be compiled, so GCC collects no garbage.
  target_compile_options(merlon_flags INTERFACE "SHELL:--param ggc-min-heapsize=1000000")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release")
  # GCC 12 reports overlaps and overreads inside inlined std::string code that are not there
  # (GCC bugs 105329, 105651); clang-tidy and the sanitizers look at the same code.
  target_compile_options(merlon_flags INTERFACE
    -Wno-error=restrict -Wno-restrict -Wno-stringop-overread -Wno-stringop-overflow
    -Wno-array-bounds -Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # The same warnings as GCC's: its -Wconversion leaves signs to -Wsign-conversion. And the library of
  # GCC 12 calls, in its own stable_sort, what it has marked as deprecated.
  target_compile_options(merlon_flags INTERFACE -Wno-sign-conversion -Wno-deprecated-declarations)
endif()

find_program(MERLON_MOLD mold)
if(MERLON_MOLD)
  # But for what sets MERLON_LINKER.
  target_link_options(merlon_flags INTERFACE
    "$<IF:$<BOOL:$<TARGET_PROPERTY:MERLON_LINKER>>,-fuse-ld=$<TARGET_PROPERTY:MERLON_LINKER>,-fuse-ld=mold>")
endif()
target_link_options(merlon_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
                    -Wl,--build-id=sha1)

set(MERLON_SANITIZE "" CACHE STRING "Value for -fsanitize=, such as address,undefined")
if(MERLON_SANITIZE)
  target_compile_options(merlon_flags INTERFACE
    -fsanitize=${MERLON_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(merlon_flags INTERFACE -fsanitize=${MERLON_SANITIZE})
  target_compile_definitions(merlon_flags INTERFACE MERLON_SANITIZED=1)
endif()
if(MERLON_FUZZ)
  # The tests too: the headers that are parsed once serve what has the same flags.
  target_compile_options(merlon_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(MERLON_CCACHE ccache)
if(MERLON_CCACHE)
  # CCACHE_BASEDIR and CCACHE_NOHASHDIR: where a clone lies is no part of what it compiles to.
  set(clones CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1)
  set(CMAKE_C_COMPILER_LAUNCHER env ${clones} "${MERLON_CCACHE}")
  # What ccache's manual asks for headers that are parsed once. CCACHE_DEPEND: it takes what was
  # included from the compiler's list. Its preprocessor would take parsed headers of before a change
  # for what they are now, and give them back.
  set(CMAKE_CXX_COMPILER_LAUNCHER env ${clones} CCACHE_DEPEND=1
      CCACHE_SLOPPINESS=pch_defines,time_macros "${MERLON_CCACHE}")
endif()

# merlon_embeds(source file…): of a source that takes in, by .incbin, what is made of these files.
# ccache does not see that: their digest, in the source's definitions, tells one content from another.
function(merlon_embeds source)
  set(digests "")
  foreach(file IN LISTS ARGN)
    file(SHA256 "${file}" digest)
    string(APPEND digests "${digest}")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  string(SHA256 digest "${digests}")
  set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_DEFINITIONS "MERLON_EMBEDS=\"${digest}\"")
endfunction()

# The headers of the standard library and of the tests are parsed once and not in each file: that is
# half of the compiler's time. The builds for clang-tidy and the thread sanitizer do without, so that
# a missing include does not stay.
option(MERLON_GROUPS "Compile small sources of a room together, parse common headers once" OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR MERLON_GROUPS)
  set(MERLON_PARSES_ONCE ON)
else()
  set(MERLON_PARSES_ONCE OFF)
endif()
function(merlon_parse_headers_once target headers)
  if(MERLON_PARSES_ONCE)
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
endfunction()

# merlon_group_sources(name "source;…" result): a third of the compiler's time goes to what every
# file includes and instantiates anew, so neighbours are compiled together, through sources that only
# include them. A group is bounded in bytes: an edit builds one of them anew, and that must stay a
# matter of seconds. clang-tidy's build does without, so that no file leans on its neighbours.
set(MERLON_GROUP_BYTES 24000)
if(MERLON_GROUPS)
  # GCC takes the classes of an included source for a header's, which must not use what is local; for
  # Clang a function's constant shadows a neighbour's.
  target_compile_options(merlon_flags INTERFACE
    $<IF:$<CXX_COMPILER_ID:GNU>,-Wno-subobject-linkage,-Wno-shadow>)
endif()
function(merlon_group_sources name sources result)
  set(groups "")
  set(content "")
  set(bytes 0)
  foreach(source IN LISTS sources)
    file(SIZE "${source}" size)
    math(EXPR bytes "${bytes} + ${size}")
    if(content AND bytes GREATER MERLON_GROUP_BYTES)
      merlon_write_group(${name} "${content}" groups)
      set(content "")
      set(bytes ${size})
    endif()
    # Relative, so that ccache serves every clone.
    file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}/src" "${source}")
    string(APPEND content "#include \"${path}\"\n")
  endforeach()
  if(content)
    merlon_write_group(${name} "${content}" groups)
  endif()
  set(${result} ${groups} PARENT_SCOPE)
endfunction()
macro(merlon_write_group name content groups)
  list(LENGTH ${groups} number)
  set(group "${CMAKE_BINARY_DIR}/groups/${name}_${number}.cpp")
  file(CONFIGURE OUTPUT "${group}" CONTENT "${content}" @ONLY)
  list(APPEND ${groups} "${group}")
endmacro()

# What the tests are built with: most of their time to build is the optimizer's, and they run once.
add_library(merlon_test_flags INTERFACE)
target_compile_options(merlon_test_flags INTERFACE -O0 -U_FORTIFY_SOURCE)

# merlon_headers_to_parse(name LIBRARY|EXECUTABLE libraries… HEADERS header…): the code of libraries
# and of programs has other flags, and so its headers.
function(merlon_headers_to_parse name kind)
  cmake_parse_arguments(PARSE "" "" "HEADERS" ${ARGN})
  if(NOT MERLON_PARSES_ONCE)
    return()
  endif()
  set(source "${CMAKE_BINARY_DIR}/${name}.cpp")
  if(kind STREQUAL "LIBRARY")
    file(CONFIGURE OUTPUT "${source}" CONTENT "")
    add_library(${name} OBJECT "${source}")
  else()
    file(CONFIGURE OUTPUT "${source}" CONTENT "int main() {}")
    add_executable(${name} "${source}")
  endif()
  target_link_libraries(${name} PRIVATE merlon::flags ${PARSE_UNPARSED_ARGUMENTS})
  target_precompile_headers(${name} PRIVATE ${PARSE_HEADERS})
endfunction()

set(MERLON_COMMON_HEADERS <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <cstring>
    <functional> <iterator> <map> <memory> <mutex> <optional> <set> <span> <string> <string_view>
    <unordered_map> <unordered_set> <utility> <variant> <vector> <fmt/format.h>)

# What most files of the upper floors take in besides: classes with many members are dear to declare.
set(MERLON_UPPER_HEADERS base/clock.h base/file.h base/flags.h base/thread_pool.h text/json.h
    text/utf8.h model/analysis.h connect/files/files.h connect/git/history_changes.h
    connect/git/repository.h secrets/config.h)
# In angle brackets they stay relative to src, so that ccache serves every clone.
list(TRANSFORM MERLON_UPPER_HEADERS REPLACE "(.+)" "<\\1>")
