# Libraries of others. tools/setup.sh installs each from the distribution; each stands behind one
# room (see ARCHITECTURE.md), and static archives are preferred so that the program starts at once.

find_package(Threads REQUIRED)

# merlon_static_library(target archive…): an imported target for static archives of the
# distribution, in link order.
function(merlon_static_library target)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  foreach(archive IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "MERLON_LIB_${archive}" variable)
    find_library(${variable} NAMES "lib${archive}.a" "${archive}" REQUIRED)
    target_link_libraries(${target} INTERFACE "${${variable}}")
  endforeach()
endfunction()

merlon_static_library(lib::re2 re2)
merlon_static_library(lib::yaml yaml)
merlon_static_library(lib::expat expat)
merlon_static_library(lib::gmp gmp)
merlon_static_library(lib::sqlite sqlite3)
target_link_libraries(lib::sqlite INTERFACE ${CMAKE_DL_LIBS} Threads::Threads m)
# The client library of PostgreSQL is opened when a store is on a server; only its header is built with.
find_path(MERLON_PQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
add_library(lib::pq INTERFACE IMPORTED GLOBAL)
target_include_directories(lib::pq SYSTEM INTERFACE "${MERLON_PQ_INCLUDE}")
target_link_libraries(lib::pq INTERFACE ${CMAKE_DL_LIBS})
merlon_static_library(lib::crypto crypto)
merlon_static_library(lib::ssl ssl crypto)
target_link_libraries(lib::ssl INTERFACE ${CMAKE_DL_LIBS} Threads::Threads)
merlon_static_library(lib::z z)
merlon_static_library(lib::deflate deflate)
merlon_static_library(lib::brotli brotlidec brotlicommon)
merlon_static_library(lib::snappy snappy)
# libarchive with what its formats need; libxml2 (for xar) is not, because that format is not opened.
merlon_static_library(lib::archive archive nettle acl lzma zstd lz4 bz2 z)
target_link_libraries(lib::archive INTERFACE lib::crypto)
target_link_libraries(lib::re2 INTERFACE Threads::Threads)
target_link_libraries(lib::crypto INTERFACE ${CMAKE_DL_LIBS} Threads::Threads)

if(MERLON_TESTS)
  find_package(GTest REQUIRED)
endif()
if(MERLON_BENCH)
  find_package(benchmark REQUIRED)
endif()
