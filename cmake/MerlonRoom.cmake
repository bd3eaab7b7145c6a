# merlon_room(NAME <folder below src> [ORDERS_WORK] [RUNS_ONCE <sources…>] [RUNS_OFTEN <sources…>]
#             [ALONE <sources…>]
#             [HEADERS <target>] USES <rooms and libraries…>)
#
# Declares one room of the house: a static library from the folder's *.cpp, a test program from its
# *_test.cpp, one libFuzzer program for each *_fuzz.cpp and one benchmark for each *_bench.cpp.
# USES names other rooms by folder (text, connect/files) and libraries by target (lib::yaml).
# ORDERS_WORK: the room decides what the rooms below do, or writes down what they have found. No time
# of a run is spent in its own code, so -Og is enough: it takes a fifth less time to build than -O1.
# RUNS_ONCE: the same for some of a room's sources (names without .cpp), which run once in a program
# or for each thing that a person has configured, and not for each file, object or line.
# RUNS_OFTEN: those of a room that ORDERS_WORK which run for each finding of a large report: as elsewhere.
# ALONE: sources that have definitions of their own, and so are not compiled with others. One may be
# among RUNS_ONCE too.
# HEADERS names the headers that are parsed once (MerlonCompiler.cmake; default: merlon_headers).
function(merlon_room)
  cmake_parse_arguments(ROOM "ORDERS_WORK" "NAME;HEADERS" "USES;RUNS_ONCE;RUNS_OFTEN;ALONE" ${ARGN})
  string(REPLACE "/" "_" id "${ROOM_NAME}")
  set(folder "${CMAKE_SOURCE_DIR}/src/${ROOM_NAME}")

  file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cpp")
  set(tests ${sources})
  set(fuzzers ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")

  if(NOT sources)
    message(FATAL_ERROR "merlon_room(${ROOM_NAME}): no sources in ${folder}")
  endif()

  set(links merlon::flags)
  foreach(use IN LISTS ROOM_USES)
    if(IS_DIRECTORY "${CMAKE_SOURCE_DIR}/src/${use}")
      string(REPLACE "/" "_" use_id "${use}")
      list(APPEND links "merlon_${use_id}")
    else()
      list(APPEND links "${use}")
    endif()
  endforeach()

  foreach(kind IN ITEMS RUNS_ONCE RUNS_OFTEN ALONE)
    list(TRANSFORM ROOM_${kind} REPLACE "(.+)" "${folder}/\\1.cpp")
    foreach(source IN LISTS ROOM_${kind})
      if(NOT source IN_LIST sources)
        message(FATAL_ERROR "merlon_room(${ROOM_NAME}): ${kind} names no source: ${source}")
      endif()
    endforeach()
  endforeach()
  list(REMOVE_ITEM sources ${ROOM_RUNS_ONCE} ${ROOM_RUNS_OFTEN} ${ROOM_ALONE})
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set_source_files_properties(${ROOM_RUNS_ONCE} PROPERTIES COMPILE_OPTIONS -Og)
  endif()
  list(REMOVE_ITEM ROOM_RUNS_ONCE ${ROOM_ALONE} "")
  if(MERLON_GROUPS)
    merlon_group_sources(${id} "${sources}" sources)
    merlon_group_sources(${id}_once "${ROOM_RUNS_ONCE}" ROOM_RUNS_ONCE)
    set_source_files_properties(${ROOM_RUNS_ONCE} PROPERTIES COMPILE_OPTIONS -Og)
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set_source_files_properties(${ROOM_RUNS_OFTEN} PROPERTIES COMPILE_OPTIONS -O2)
  endif()
  add_library(merlon_${id} STATIC ${sources} ${ROOM_RUNS_ONCE} ${ROOM_RUNS_OFTEN} ${ROOM_ALONE})
  set_target_properties(merlon_${id} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(merlon_${id} PUBLIC ${links})
  if(NOT ROOM_HEADERS)
    set(ROOM_HEADERS merlon_headers)
  endif()
  merlon_parse_headers_once(merlon_${id} ${ROOM_HEADERS})
  if(ROOM_ORDERS_WORK AND CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(merlon_${id} PRIVATE -Og)
  endif()

  if(MERLON_TESTS AND tests)
    add_executable(${id}_test ${tests})
    target_link_libraries(${id}_test PRIVATE merlon_${id} GTest::gtest_main merlon_test_flags)
    merlon_parse_headers_once(${id}_test merlon_test_headers)
    add_test(NAME unit.${id} COMMAND ${id}_test --gtest_brief=1)
  endif()
  if(MERLON_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(name "${fuzzer}" NAME_WE)
      add_executable(${id}_${name} "${fuzzer}")
      target_link_libraries(${id}_${name} PRIVATE merlon_${id})
      target_link_options(${id}_${name} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY MERLON_FUZZERS ${id}_${name})
    endforeach()
  endif()
  if(MERLON_BENCH)
    foreach(bench IN LISTS benches)
      get_filename_component(name "${bench}" NAME_WE)
      add_executable(${id}_${name} "${bench}")
      target_link_libraries(${id}_${name} PRIVATE merlon_${id} benchmark::benchmark_main)
    endforeach()
  endif()
endfunction()
