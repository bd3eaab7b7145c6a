# The words that a secret is not made of (src/secrets/word_set.h): the list of the distribution's
# package wamerican and our own of computing, made into one block of bytes at build time.
set(MERLON_WORD_LIST "/usr/share/dict/american-english" CACHE FILEPATH "English words, one a line")

add_executable(make_words "${CMAKE_SOURCE_DIR}/tools/words/make_words.cpp"
  "${CMAKE_SOURCE_DIR}/src/secrets/word_set.cpp")
target_link_libraries(make_words PRIVATE merlon_base)
target_include_directories(make_words PRIVATE "${CMAKE_SOURCE_DIR}/src")

set(words_block "${CMAKE_CURRENT_BINARY_DIR}/words.bin")
set(technical_words "${CMAKE_SOURCE_DIR}/src/secrets/technical_words.txt")
add_custom_command(OUTPUT "${words_block}"
  COMMAND make_words "${words_block}" "${MERLON_WORD_LIST}" "${technical_words}"
  DEPENDS make_words "${MERLON_WORD_LIST}" "${technical_words}"
  COMMENT "Making the block of words" VERBATIM)
set_source_files_properties(secrets/word_set_embedded.cpp PROPERTIES
  COMPILE_DEFINITIONS "MERLON_WORD_BLOCK=\"${words_block}\"" OBJECT_DEPENDS "${words_block}")
merlon_embeds(secrets/word_set_embedded.cpp "${MERLON_WORD_LIST}" "${technical_words}"
  "${CMAKE_SOURCE_DIR}/tools/words/make_words.cpp" "${CMAKE_SOURCE_DIR}/src/secrets/word_set.cpp"
  "${CMAKE_SOURCE_DIR}/src/secrets/word_set.h")
target_sources(merlon_secrets PRIVATE "${words_block}")
