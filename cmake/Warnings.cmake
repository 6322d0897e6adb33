# kafka_bridge_warnings(TARGET): the house's warnings, errors where KAFKA_BRIDGE_WERROR is on.
option(KAFKA_BRIDGE_WERROR "Treat warnings as errors" OFF)
function(kafka_bridge_warnings target)
  set(flags -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  # Error texts and paths are cut where they are too long, on purpose.
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND flags -Wno-format-truncation)
  endif()
  if(KAFKA_BRIDGE_WERROR)
    list(APPEND flags -Werror)
  endif()
  target_compile_options(${target} PRIVATE ${flags})
endfunction()
