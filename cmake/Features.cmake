# What this machine's libraries can do, found out by compiling.
include(CheckCXXSourceCompiles)
include(CheckCSourceCompiles)

# std::to_chars and std::from_chars for floating point: libstdc++ 11 and newer. Elsewhere
# double-conversion does the same work (Ubuntu 20.04: libdouble-conversion-dev).
option(KAFKA_BRIDGE_DOUBLE_CONVERSION "Write doubles with double-conversion" OFF)
set(CMAKE_REQUIRED_FLAGS "-std=c++17")
check_cxx_source_compiles(
  "#include <charconv>
   int main() { char t[64]; double d = 1.5; auto r = std::to_chars(t, t + 64, d);
                return std::from_chars(t, r.ptr, d).ec == std::errc() ? 0 : 1; }"
  KAFKA_BRIDGE_HAS_TO_CHARS)
unset(CMAKE_REQUIRED_FLAGS)
if(NOT KAFKA_BRIDGE_HAS_TO_CHARS)
  set(KAFKA_BRIDGE_DOUBLE_CONVERSION ON)
endif()
if(KAFKA_BRIDGE_DOUBLE_CONVERSION)
  find_library(DOUBLE_CONVERSION_LIBRARY double-conversion)
  if(NOT DOUBLE_CONVERSION_LIBRARY)
    message(FATAL_ERROR "This libstdc++ has no std::to_chars for doubles: install libdouble-conversion-dev")
  endif()
endif()

# CRC-32 of the spool: libdeflate has it with the processor's instructions, zlib mostly without.
option(KAFKA_BRIDGE_ZLIB "Take the spool's CRC-32 from zlib though libdeflate is there" OFF)
find_library(LIBDEFLATE_LIBRARY deflate)
find_path(LIBDEFLATE_INCLUDE_DIR libdeflate.h)
if(LIBDEFLATE_LIBRARY AND LIBDEFLATE_INCLUDE_DIR AND NOT KAFKA_BRIDGE_ZLIB)
  set(KAFKA_BRIDGE_LIBDEFLATE ON)
else()
  set(KAFKA_BRIDGE_LIBDEFLATE OFF)
  pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
endif()

# librdkafka's mock cluster, for the embedded broker: 1.8 and newer (1.6 has one that serves no
# consumer groups as they are used here).
set(CMAKE_REQUIRED_LIBRARIES PkgConfig::RDKAFKA)
check_c_source_compiles(
  "#include <librdkafka/rdkafka.h>
   #include <librdkafka/rdkafka_mock.h>
   #if RD_KAFKA_VERSION < 0x010800ff
   #error too old
   #endif
   int main(void) { return rd_kafka_mock_cluster_new(0, 1) != 0; }"
  KAFKA_BRIDGE_HAS_RDKAFKA_MOCK)
unset(CMAKE_REQUIRED_LIBRARIES)
if(NOT KAFKA_BRIDGE_HAS_RDKAFKA_MOCK)
  message(STATUS "librdkafka ${RDKAFKA_VERSION} has no mock cluster that can be used (1.8 has): embedded_broker is not built")
endif()
