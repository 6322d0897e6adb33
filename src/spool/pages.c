#include "spool/pages.h"

#include "spool/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LEAF             0x0d /* a leaf of a table */
#define FILE_HEADER_SIZE 100  /* on the first page */
#define LEAF_HEADER_SIZE 8
#define LOG_HEADER_SIZE  32
#define FRAME_HEADER     24
#define MAGIC            0x377f0682U /* with 1 more, the checksums are of big-endian words */
#define MAX_PAGES        0x10000000U
#define PAGES_MORE       (1U << 20) /* that a file which was cut off may have had */

static uint32_t get16(const char *from)
{
    const unsigned char *bytes = (const unsigned char *)from;
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t get32(const char *from)
{
    return get16(from) << 16 | get16(from + 2);
}

/* SQLite's varint, up to 9 bytes. False where it does not end before `end`. */
static bool get_varint(const char **at, const char *end, uint64_t *value)
{
    uint64_t result = 0;
    for (int i = 0; i < 9; i++) {
        if (*at >= end)
            return false;
        unsigned char byte = (unsigned char)*(*at)++;
        if (i == 8) {
            *value = result << 8 | byte;
            return true;
        }
        result = result << 7 | (byte & 0x7fU);
        if (!(byte & 0x80U))
            break;
    }
    *value = result;
    return true;
}

static bool read_at(int file, char *to, size_t size, uint64_t at)
{
    return file >= 0 && pread(file, to, size, (off_t)at) == (ssize_t)size;
}

static uint64_t size_of(int file)
{
    off_t size = file >= 0 ? lseek(file, 0, SEEK_END) : 0;
    return size > 0 ? (uint64_t)size : 0;
}

static enum error_code open_file(const char *path, const char *suffix, int *file,
                                 struct error *error)
{
    char name[SPOOL_NAME_SIZE];
    spool_name(name, path, suffix);
    *file = open(name, O_RDONLY | O_CLOEXEC);
    return *file < 0 && errno != ENOENT ? spool_system_error(error, errno, name, "cannot be read")
                                        : ERROR_NONE;
}

static uint64_t frame_at(const struct spool_pages *pages, uint64_t frame)
{
    return LOG_HEADER_SIZE + (frame - 1) * (FRAME_HEADER + (uint64_t)pages->page_size);
}

/* The highest page of the file and of the log, as far as the numbers in the log can be right. */
static uint32_t count_pages(const struct spool_pages *pages)
{
    uint64_t count = pages->file_pages;
    uint64_t most = count + pages->frame_count + PAGES_MORE;
    for (uint64_t frame = 1; frame <= pages->frame_count; frame++) {
        char header[4];
        if (!read_at(pages->log, header, sizeof header, frame_at(pages, frame)))
            break;
        uint64_t number = get32(header);
        if (number > count && number <= most)
            count = number;
    }
    return count < MAX_PAGES ? (uint32_t)count : MAX_PAGES;
}

enum error_code spool_pages_open(struct spool_pages *pages, const char *path, uint32_t page_size,
                                 struct error *error)
{
    *pages = (struct spool_pages){.file = -1, .log = -1, .page_size = page_size};
    buffer_init(&pages->payload, SIZE_MAX / 2);
    enum error_code code = open_file(path, "", &pages->file, error);
    if (code == ERROR_NONE)
        code = open_file(path, "-wal", &pages->log, error);
    if (code != ERROR_NONE)
        return code;
    uint64_t log_size = size_of(pages->log);
    if (log_size > LOG_HEADER_SIZE)
        pages->frame_count = (log_size - LOG_HEADER_SIZE) / (FRAME_HEADER + page_size);
    pages->file_pages = (size_of(pages->file) + page_size - 1) / page_size;
    pages->page_count = count_pages(pages);
    pages->frames = calloc(pages->page_count + 1U, sizeof *pages->frames);
    pages->page = malloc(page_size);
    pages->overflow = malloc(page_size);
    if (!pages->frames || !pages->page || !pages->overflow)
        return error_set(error, ERROR_MEMORY, path, 0, "%s: no memory to look for what is left",
                         path);
    return ERROR_NONE;
}

void spool_pages_close(struct spool_pages *pages)
{
    if (pages->file >= 0)
        (void)close(pages->file);
    if (pages->log >= 0)
        (void)close(pages->log);
    free(pages->frames);
    free(pages->page);
    free(pages->overflow);
    buffer_fini(&pages->payload);
}

/* The log's checksum over `size` bytes, a multiple of 8. */
static void add_checksum(uint32_t sums[2], const char *bytes, size_t size, bool big_endian)
{
    for (size_t i = 0; i < size; i += 8) {
        uint32_t first = get32(bytes + i);
        uint32_t second = get32(bytes + i + 4);
        sums[0] += (big_endian ? first : __builtin_bswap32(first)) + sums[1];
        sums[1] += (big_endian ? second : __builtin_bswap32(second)) + sums[0];
    }
}

/* The frames from one commit to the next are taken over together. */
static void take_over(struct spool_pages *pages, uint64_t first, uint64_t last)
{
    for (uint64_t frame = first; frame <= last; frame++) {
        char header[4];
        if (!read_at(pages->log, header, sizeof header, frame_at(pages, frame)))
            return;
        uint32_t number = get32(header);
        if (number > 0 && number <= pages->page_count)
            pages->frames[number] = (uint32_t)frame;
    }
}

/* Finds for each page the frame that holds it. Frames of an earlier round of the log, which stand
 * behind those of this one, have another salt. */
static void read_log(struct spool_pages *pages, bool only_sound)
{
    char header[LOG_HEADER_SIZE];
    char frame_header[FRAME_HEADER];
    memset(pages->frames, 0, (pages->page_count + 1U) * sizeof *pages->frames);
    if (pages->frame_count == 0 || !read_at(pages->log, header, sizeof header, 0))
        return;
    bool big_endian = (get32(header) & 1U) != 0;
    uint32_t sums[2] = {0, 0};
    add_checksum(sums, header, 24, big_endian);
    bool header_is_sound = (get32(header) & ~1U) == MAGIC && sums[0] == get32(header + 24) &&
                           sums[1] == get32(header + 28);
    if (only_sound && !header_is_sound)
        return;
    char salt[8];
    memcpy(salt, header + 16, sizeof salt);
    uint64_t taken = 0;
    for (uint64_t frame = 1; frame <= pages->frame_count; frame++) {
        uint64_t at = frame_at(pages, frame);
        if (!read_at(pages->log, frame_header, sizeof frame_header, at))
            break;
        if (frame == 1 && !header_is_sound)
            memcpy(salt, frame_header + 8, sizeof salt);
        bool is_sound = memcmp(frame_header + 8, salt, sizeof salt) == 0;
        if (only_sound && is_sound) {
            if (!read_at(pages->log, pages->page, pages->page_size, at + FRAME_HEADER))
                break;
            add_checksum(sums, frame_header, 8, big_endian);
            add_checksum(sums, pages->page, pages->page_size, big_endian);
            is_sound = sums[0] == get32(frame_header + 16) && sums[1] == get32(frame_header + 20);
        }
        if (only_sound && !is_sound)
            break;
        if (is_sound && get32(frame_header + 4) != 0) {
            take_over(pages, taken + 1, frame);
            taken = frame;
        }
    }
}

static bool read_page(const struct spool_pages *pages, uint32_t number, char *to)
{
    if (number == 0 || number > pages->page_count)
        return false;
    uint32_t frame = pages->frames[number];
    if (frame > 0)
        return read_at(pages->log, to, pages->page_size, frame_at(pages, frame) + FRAME_HEADER);
    if (number > pages->file_pages)
        return false;
    return read_at(pages->file, to, pages->page_size, (number - 1) * (uint64_t)pages->page_size);
}

/* How many bytes of a payload are on the leaf itself (section 1.6 of the format). */
static uint64_t local_size(uint64_t payload, uint64_t usable)
{
    uint64_t most = usable - 35;
    if (payload <= most)
        return payload;
    uint64_t least = (usable - 12) * 32 / 255 - 23;
    uint64_t fit = least + (payload - least) % (usable - 4);
    return fit <= most ? fit : least;
}

/* Puts the payload together, with what is on overflow pages. */
static bool gather(struct spool_pages *pages, const char *local, uint64_t local_bytes,
                   uint64_t size)
{
    buffer_clear(&pages->payload);
    if (size / pages->page_size > pages->page_count ||
        buffer_append(&pages->payload, local, local_bytes) != ERROR_NONE)
        return false;
    uint64_t left = size - local_bytes;
    uint32_t next = left > 0 ? get32(local + local_bytes) : 0;
    while (left > 0) {
        uint64_t part = left < pages->page_size - 4 ? left : pages->page_size - 4;
        if (!read_page(pages, next, pages->overflow) ||
            buffer_append(&pages->payload, pages->overflow + 4, part) != ERROR_NONE)
            return false;
        next = get32(pages->overflow);
        left -= part;
    }
    return true;
}

static uint64_t size_of_type(uint64_t type)
{
    static const uint64_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return type >= 12 ? (type - 12) / 2 : sizes[type];
}

static struct spool_column column_of(uint64_t type, const char *bytes)
{
    if (type >= 12)
        return (struct spool_column){
            .kind = SPOOL_COLUMN_BYTES, .bytes = bytes, .size = size_of_type(type)};
    if (type == 0 || type == 7 || type > 9)
        return (struct spool_column){.kind = SPOOL_COLUMN_OTHER};
    uint64_t number = type == 9 ? 1 : 0;
    for (uint64_t i = 0; i < size_of_type(type); i++) {
        uint64_t byte = (unsigned char)bytes[i];
        number = i == 0 && byte >= 0x80 ? ~UINT64_C(0) << 8 | byte : number << 8 | byte;
    }
    return (struct spool_column){.kind = SPOOL_COLUMN_NUMBER, .number = number};
}

static bool decode(const struct buffer *payload, struct spool_page_row *row)
{
    if (payload->length == 0)
        return false;
    const char *at = payload->data;
    const char *end = payload->data + payload->length;
    uint64_t header_size = 0;
    if (!get_varint(&at, end, &header_size) || header_size > payload->length)
        return false;
    const char *header_end = payload->data + header_size;
    const char *value = header_end;
    row->count = 0;
    while (at < header_end) {
        uint64_t type = 0;
        if (row->count == SPOOL_PAGES_COLUMNS || !get_varint(&at, header_end, &type) ||
            size_of_type(type) > (uint64_t)(end - value))
            return false;
        row->columns[row->count++] = column_of(type, value);
        value += size_of_type(type);
    }
    return at == header_end && value == end;
}

static bool read_cell(struct spool_pages *pages, uint32_t offset, struct spool_page_row *row)
{
    const char *at = pages->page + offset;
    const char *end = pages->page + pages->page_size;
    uint64_t size = 0;
    if (!get_varint(&at, end, &size) || !get_varint(&at, end, &row->id))
        return false;
    uint64_t local = local_size(size, pages->page_size);
    uint64_t needed = local + (local < size ? 4 : 0);
    return needed <= (uint64_t)(end - at) && gather(pages, at, local, size) &&
           decode(&pages->payload, row);
}

static enum error_code
visit_page(struct spool_pages *pages, uint32_t number,
           enum error_code (*visit)(void *user, const struct spool_page_row *row), void *user)
{
    uint32_t header = number == 1 ? FILE_HEADER_SIZE : 0;
    if (!read_page(pages, number, pages->page) || pages->page[header] != LEAF)
        return ERROR_NONE;
    uint32_t cells = header + LEAF_HEADER_SIZE;
    uint32_t count = get16(pages->page + header + 3);
    for (uint32_t i = 0; i < count && cells + 2 * i + 2 <= pages->page_size; i++) {
        struct spool_page_row row;
        uint32_t offset = get16(pages->page + cells + 2 * (size_t)i);
        if (offset >= pages->page_size || !read_cell(pages, offset, &row))
            continue;
        enum error_code code = visit(user, &row);
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

enum error_code spool_pages_visit(struct spool_pages *pages, enum spool_pages_view view,
                                  enum error_code (*visit)(void *user,
                                                           const struct spool_page_row *row),
                                  void *user)
{
    if (view == SPOOL_PAGES_FILE)
        memset(pages->frames, 0, (pages->page_count + 1U) * sizeof *pages->frames);
    else
        read_log(pages, view == SPOOL_PAGES_SOUND);
    enum error_code code = ERROR_NONE;
    for (uint32_t number = 1; number <= pages->page_count && code == ERROR_NONE; number++)
        code = visit_page(pages, number, visit, user);
    return code;
}
