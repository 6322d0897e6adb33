# kafka_bridge_embed_definition(NAME OUTPUT FILE [PACKAGE/TYPE FILE]...): makes the C source OUTPUT
# with the bytes `NAME` and their number `NAME_length`: the definition of the type whose .msg file is
# the first, as ROS concatenates it, with the nested types behind. The next build after an edit of a
# file makes it anew.
set(KAFKA_BRIDGE_DEFINITION_TEMPLATE ${CMAKE_CURRENT_LIST_DIR}/definition.c.in)
function(kafka_bridge_embed_definition name output file)
  set(line ================================================================================)
  file(READ ${file} text)
  set(files ${file})
  set(nested ${ARGN})
  while(nested)
    list(GET nested 0 type)
    list(GET nested 1 file)
    list(REMOVE_AT nested 0 1)
    file(READ ${file} more)
    set(text "${text}\n${line}\nMSG: ${type}\n${more}")
    list(APPEND files ${file})
  endwhile()
  # As numbers: compilers bound the length of a string, and nothing has to be escaped.
  file(WRITE ${output}.txt "${text}")
  file(READ ${output}.txt bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1, " bytes "${bytes}")
  string(REGEX REPLACE "(0x.., 0x.., 0x.., 0x.., 0x.., 0x.., 0x.., 0x.., 0x.., 0x.., 0x.., 0x..,) " "\\1\n" bytes "${bytes}")
  configure_file(${KAFKA_BRIDGE_DEFINITION_TEMPLATE} ${output} @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
endfunction()
