/* Descriptors that are passed between processes, memory and events that are shared through them.
 * A function that returns int gives 0 or a descriptor, or the negative errno. */
#ifndef CMEMORY_H
#define CMEMORY_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The descriptors that one message brings at most. */
enum { CSYS_PASSED_MAX = 16 };

/* Reads what is there, with the descriptors that came with it, which are the caller's; a read ends behind
 * the bytes that descriptors were sent with. Gives the bytes, or the negative errno; -EBADMSG, and no
 * descriptor, when more came than fit. */
ssize_t csys_receive(int fd, void *bytes, size_t count, int *descriptors, int *passed);
/* Sends bytes, of which there must be one, and copies of at most CSYS_PASSED_MAX descriptors with the first
 * of them. Gives the bytes taken, or the negative errno. */
ssize_t csys_send_with(int fd, const void *bytes, size_t count, const int *descriptors, int passed);

/* A file in memory of a fixed size. */
int csys_memory(const char *name, uint64_t bytes);
/* Whether a descriptor is a file of memory: no other process has to answer for its accesses. */
int csys_is_memory(int fd);
/* Whether a file of memory is sealed so that it cannot become shorter: its pages can be used without fear. */
int csys_cannot_shrink(int fd);
/* The size of a file; the negative errno when it has none. */
int64_t csys_file_bytes(int fd);
/* Maps a part of a file, shared with whoever else has mapped it. */
int csys_map(int fd, uint64_t offset, size_t count, int writable, void **memory);
void csys_unmap(void *memory, size_t count);
/* Reads or writes a part of a file in one piece: 0, or -EIO when the file ends before. */
int csys_read_at(int fd, void *bytes, size_t count, uint64_t offset);
int csys_write_at(int fd, const void *bytes, size_t count, uint64_t offset);

/* An eventfd at zero. */
int csys_event(void);
/* Whether a descriptor is an eventfd. */
int csys_is_event(int fd);
/* Adds one; what is there already stays where there is no room. */
int csys_event_raise(int fd);
/* Takes all that was added: their number, 0 for none. */
uint64_t csys_event_take(int fd);
#endif
