# -DKAFKA_BRIDGE_SANITIZE=address,undefined or =thread builds everything with those sanitizers.
set(KAFKA_BRIDGE_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize= takes them")
if(KAFKA_BRIDGE_SANITIZE)
  add_compile_options(-fsanitize=${KAFKA_BRIDGE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  foreach(kind EXE SHARED MODULE)
    string(APPEND CMAKE_${kind}_LINKER_FLAGS " -fsanitize=${KAFKA_BRIDGE_SANITIZE}")
  endforeach()
endif()
# -DKAFKA_BRIDGE_FUZZ=ON (clang) builds the libFuzzer targets in test/fuzz.
option(KAFKA_BRIDGE_FUZZ "Build the fuzzers (clang only)" OFF)
if(KAFKA_BRIDGE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
