/* CPCIeLink: puts a program of yours at one end of a PCIe link of pcie-harness.
 *
 * The runner names the link in the environment variable PCIE_LINK. A device with one BAR:
 *
 *   static uint8_t registers[4096];
 *
 *   static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data,
 *                       uint32_t bytes) {
 *     memcpy(data, registers + offset, bytes);
 *     return PCIE_LINK_OK;
 *   }
 *
 *   int main(void) {
 *     pcie_link_description description = {.vendor_id = 0x1234, .device_id = 1};
 *     description.bars[0].bytes = sizeof registers;
 *     description.bars[0].kind = PCIE_LINK_BAR_MEMORY32;
 *     pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &description};
 *     options.device.read = read_bar;
 *     pcie_link *link;
 *     int error = pcie_link_open(NULL, &options, &link);
 *     if (error == PCIE_LINK_OK) error = pcie_link_run(link);
 *     if (error != PCIE_LINK_OK) fprintf(stderr, "%s\n", pcie_link_error_text(link));
 *     pcie_link_close(link);
 *   }
 *
 * Two ends. A DEVICE answers reads and writes of its BARs, reads and writes host memory (DMA) and raises
 * interrupts; the configuration space belongs to the broker, which obeys the command register, MSI-X masks
 * and resets for it. A HOST reads and writes configuration space and memory, owns host memory and gets
 * interrupts. Either may be RAW: then every TLP of the link, configuration requests included, comes as
 * bytes, and nothing is answered for you.
 *
 * Errors. Every function that returns int gives a value >= 0, or one of the negative codes PCIE_LINK_E_*.
 * pcie_link_strerror says what a code means, pcie_link_error_text what happened: the value seen and the
 * bound.
 *
 * Waiting. Timeouts are milliseconds; 0 looks once, PCIE_LINK_DEFAULT takes the link's own completion
 * timeout, one second. No function waits without a limit, except pcie_link_run and a timeout of
 * PCIE_LINK_FOREVER, and these too end when the broker goes away (within 10 ms). A wait spins for some
 * microseconds where there is a processor to spare, then yields, then sleeps.
 *
 * Threads. One thread per link at a time. Different links are independent.
 *
 * Handlers run inside pcie_link_poll, pcie_link_wait and pcie_link_run, and also inside every call that
 * waits for a completion: a host that waits for a read goes on serving DMA and interrupts, as it must, for
 * the device may need them to answer. A handler may itself make any call, waiting ones too; meanwhile other
 * handlers, and the same one, may be entered. Such calls nest at most PCIE_LINK_NESTING deep; beyond that
 * they give PCIE_LINK_E_NESTED. Only pcie_link_close must not be called from a handler.
 *
 * Plain C11, clean as C++17, needs Linux and libc only. */
#ifndef PCIE_LINK_H
#define PCIE_LINK_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface and of the protocol; both ends of a link must have the same. */
enum { PCIE_LINK_VERSION = 2 };

/* One end of a link. */
typedef struct pcie_link pcie_link;

/* --- errors --- */

enum {
  PCIE_LINK_OK = 0,
  PCIE_LINK_E_TIMEOUT = -1,     /* nothing came in time; for a read: completion timeout */
  PCIE_LINK_E_CLOSED = -2,      /* the other side has gone, or said goodbye; only pcie_link_close remains */
  PCIE_LINK_E_REFUSED = -3,     /* the broker refused the link; the text says why */
  PCIE_LINK_E_ARGUMENT = -4,    /* an argument is out of its bounds */
  PCIE_LINK_E_SYSTEM = -5,      /* a system call failed; the text has its name and errno */
  PCIE_LINK_E_VERSION = -6,     /* the other side speaks another version */
  PCIE_LINK_E_LAYOUT = -7,      /* the same version with another layout, byte order or page size */
  PCIE_LINK_E_MALFORMED = -8,   /* a message of the handshake that is none, or half of one */
  PCIE_LINK_E_DESCRIPTORS = -9, /* too many or too few descriptors, or memory that is not sealed */
  PCIE_LINK_E_COUNTER = -10,    /* the other side put a ring counter out of its range */
  PCIE_LINK_E_RECORD = -11,     /* the other side wrote a record that no sender writes */
  PCIE_LINK_E_FULL = -12,       /* no room in the ring, or no free transfer; poll, then try again */
  PCIE_LINK_E_ROLE = -13,       /* the call belongs to the other role, or to a link that is not raw */
  PCIE_LINK_E_NESTED = -14,     /* handlers wait in handlers too deeply */
  PCIE_LINK_E_DISABLED = -15,   /* the function may not do so now: bus master enable is clear */
  PCIE_LINK_E_DOWN = -16,       /* the link is down */
  PCIE_LINK_E_EMPTY = -17,      /* nothing waits in the ring, or on the socket */
  PCIE_LINK_E_ABSENT = -18,     /* there is no such node, function, capability, region or BAR */
  PCIE_LINK_E_UR = -32,         /* completion status Unsupported Request */
  PCIE_LINK_E_CRS = -33, /* completion status Request Retry Status (once Configuration Request Retry) */
  PCIE_LINK_E_CA = -34,  /* completion status Completer Abort */
  PCIE_LINK_E_POISONED =
      -35 /* the data came with the poison bit, or in a completion that breaks the rules */
};

/* What a code means, in a few words. Never NULL. */
const char *pcie_link_strerror(int error);
/* What the last failed call of this link ran into: one line, valid until the next call. Never NULL. With
 * link NULL: why memory for a link was refused. */
const char *pcie_link_error_text(const pcie_link *link);

/* --- description of a device --- */

enum { PCIE_LINK_BARS = 6 };

enum {
  PCIE_LINK_BAR_NONE = 0,
  PCIE_LINK_BAR_MEMORY32 = 1,
  PCIE_LINK_BAR_MEMORY32_PREFETCHABLE = 2,
  PCIE_LINK_BAR_MEMORY64 = 3, /* occupies the next register too, which must be NONE */
  PCIE_LINK_BAR_MEMORY64_PREFETCHABLE = 4,
  PCIE_LINK_BAR_IO = 5
};

typedef struct pcie_link_bar {
  uint64_t bytes; /* a power of two: memory 128 and up, 32-bit to 2 GiB, 64-bit to 1 TiB; I/O 4 to 256 */
  uint32_t kind;  /* PCIE_LINK_BAR_* */
  uint32_t reserved;
} pcie_link_bar;

/* What a function shows to software. All zero but the ids is a function without BARs and interrupts. The
 * MSI-X table (16 bytes per vector) and the pending bits (1 bit per vector, in units of 8 bytes) lie in
 * BARs of the function and are served by the broker: reads and writes of them never come to the program. */
typedef struct pcie_link_description {
  uint16_t vendor_id, device_id, subsystem_vendor_id, subsystem_id;
  uint32_t class_code; /* 24 bits: class, subclass, interface, as 0x010802 for NVMe */
  uint8_t revision;
  uint8_t interrupt_pin; /* 0: no INTx; 1 to 4: INTA to INTD */
  uint16_t msi_vectors;  /* 0: no MSI; 1, 2, 4, 8, 16 or 32 */
  uint16_t msix_vectors; /* 0: no MSI-X; to 2048 */
  uint16_t max_payload;  /* supported, in bytes: 128 to 4096, a power of two; 0: 512 */
  uint8_t msix_bar;      /* of the table */
  uint8_t msix_pba_bar;  /* of the pending bits */
  uint16_t reserved;
  uint32_t msix_offset;     /* a multiple of 8 */
  uint32_t msix_pba_offset; /* a multiple of 8 */
  pcie_link_bar bars[PCIE_LINK_BARS];
} pcie_link_description;

/* --- opening --- */

enum { PCIE_LINK_DEVICE = 1, PCIE_LINK_HOST = 2 };
enum { PCIE_LINK_DEFAULT = -1, PCIE_LINK_FOREVER = -2 };
enum { PCIE_LINK_NESTING = 4 };

/* Events of the link itself. */
enum {
  PCIE_LINK_STATE_DOWN = 0, /* requests in flight are lost */
  PCIE_LINK_STATE_UP = 1,
  PCIE_LINK_STATE_HOT_RESET = 2, /* all functions are reset; the link comes up again by STATE_UP */
  PCIE_LINK_STATE_FLR = 3        /* this function alone is reset */
};

/* What a device answers with. A handler that is NULL: reads complete as Unsupported Request, writes are
 * dropped. */
typedef struct pcie_link_device {
  /* Fills `bytes` bytes (1 to 4096) from an offset of a BAR. A read with holes in its byte enables comes as
   * one call for each run of enabled bytes, so that no byte is read that was not asked for. Returns
   * PCIE_LINK_OK, PCIE_LINK_E_UR or PCIE_LINK_E_CA: the completion status. */
  int (*read)(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes);
  /* Takes `bytes` bytes: one call for each run of enabled bytes. Returns PCIE_LINK_OK; an error becomes the
   * completion status of an I/O write and is lost with a memory write. */
  int (*write)(void *context, pcie_link *link, int bar, uint64_t offset, const void *data, uint32_t bytes);
} pcie_link_device;

/* What a host is told. Each may be NULL. */
typedef struct pcie_link_host {
  /* A memory write of a device into a range of pcie_link_interrupt_range: an MSI or MSI-X message. */
  void (*interrupt)(void *context, pcie_link *link, uint64_t address, uint32_t data);
  /* An INTx message; pin 1 to 4 is INTA to INTD. */
  void (*intx)(void *context, pcie_link *link, int pin, int asserted);
} pcie_link_host;

/* How to open a link. All zero but the role is valid. */
typedef struct pcie_link_options {
  int role; /* PCIE_LINK_DEVICE or PCIE_LINK_HOST */
  int raw;  /* not 0: every TLP goes through pcie_link_send and pcie_link_receive */
  /* What a device is, which it says once; copied. NULL: what the suite says of its node, which is then in
   * pcie_link_described. Where both say it, they must say the same. A raw device needs none: it answers for
   * itself. */
  const pcie_link_description *description;
  pcie_link_device device;
  pcie_link_host host;
  /* The link or the function has changed its state, PCIE_LINK_STATE_*. May be NULL. */
  void (*state)(void *context, pcie_link *link, int state);
  void *context; /* handed to each handler */
  /* Nanoseconds that a wait may spin before it yields and sleeps; 0: 4000 if this process may use two
   * processors, else none, which is wrong only for a program pinned beside a broker pinned elsewhere;
   * below 0: none. */
  int spin;
  int open_timeout; /* milliseconds for connecting and the handshake; 0: 10 seconds */
} pcie_link_options;

/* Opens a link. `url` is unix:PATH#NODE, with PATH beginning with @ an abstract name; NULL: the environment
 * variable PCIE_LINK. Makes *link also when it fails, for pcie_link_error_text; close it in any case. *link
 * is NULL only when there is no memory. Errors: ARGUMENT, SYSTEM, TIMEOUT, REFUSED (also: the suite describes
 * another function than the program, or neither describes any), VERSION, LAYOUT, MALFORMED, DESCRIPTORS,
 * ABSENT (no such node there). */
int pcie_link_open(const char *url, const pcie_link_options *options, pcie_link **link);
/* What the function of a device is: what the program has said, else what the suite says, already checked.
 * NULL for a host, for a raw device, and for a link that was never opened. */
const pcie_link_description *pcie_link_described(const pcie_link *link);
/* Says goodbye and releases everything; reads under way end with PCIE_LINK_E_CLOSED first. Waits up to 250 ms
 * for room in a full ring. NULL is allowed. */
void pcie_link_close(pcie_link *link);

/* What software has set in the function of a device, as the broker last told. For a host: what the link was
 * opened with. */
typedef struct pcie_link_function {
  uint64_t bar_addresses[PCIE_LINK_BARS]; /* only where bit n of bars_enabled is set */
  uint16_t requester_id;                  /* bus in bits 15:8, device in 7:3, function in 2:0 */
  uint16_t max_payload;                   /* bytes */
  uint16_t max_read_request;              /* bytes */
  uint16_t completion_boundary;           /* RCB in bytes: 64 or 128 */
  uint16_t tags;                          /* outstanding requests: 32 or 256 */
  uint8_t bars_enabled;                   /* bit n: BAR n decodes */
  uint8_t bus_master;                     /* 1: may read and write host memory and send MSI and MSI-X */
  uint8_t msix_enabled, msi_enabled, intx_disabled;
  uint8_t link_up;
  uint8_t msi_vectors; /* that software lets the function use, 1 to 32; 0 while MSI is off */
  uint8_t reserved[7];
} pcie_link_function;

const pcie_link_function *pcie_link_settings(const pcie_link *link);

/* --- serving --- */

/* Handles everything that waits, without waiting. Returns the number of records handled. Errors: CLOSED,
 * COUNTER, RECORD, NESTED. */
int pcie_link_poll(pcie_link *link);
/* Waits until something has been handled. Returns the number of records. Errors: as pcie_link_poll,
 * TIMEOUT, ROLE (a raw link). */
int pcie_link_wait(pcie_link *link, int timeout);
/* Serves until pcie_link_stop was called by a handler (gives 0) or the other side has gone (gives
 * PCIE_LINK_E_CLOSED). */
int pcie_link_run(pcie_link *link);
void pcie_link_stop(pcie_link *link);

/* For event loops: a descriptor that can be read, or hangs up, when pcie_link_poll has something to do.
 * From the first call on, pcie_link_poll leaves the descriptor armed; the program only waits for it (level
 * triggered) and calls pcie_link_poll; on a raw link also pcie_link_receive without a timeout, until that
 * gives TIMEOUT. No other call leaves the descriptor disarmed. Spinning is then the loop's own affair. */
int pcie_link_fd(pcie_link *link);
/* Milliseconds until the first outstanding read times out, or may be sent at last (call pcie_link_poll
 * then); -1: none is outstanding. */
int pcie_link_next_timeout(pcie_link *link);

/* --- memory requests: DMA of a device, BAR accesses of a host --- */

/* Reads memory and waits for the data. Any address and size; split by maximum read request size and 4 KiB,
 * up to `tags` requests at once; completions may come in any order and size. The buffer's content is
 * undefined after an error. Errors: the completion status (UR, CRS, CA, POISONED), TIMEOUT, DISABLED, DOWN,
 * CLOSED, NESTED, FULL, ARGUMENT, ROLE (a raw link), COUNTER, RECORD. */
int pcie_link_read(pcie_link *link, uint64_t address, void *buffer, size_t bytes, int timeout);
/* Writes memory: posted, so it returns when the TLPs are in the ring. Any address and size; split by
 * maximum payload size and 4 KiB. Errors: DISABLED, DOWN, CLOSED, TIMEOUT (the ring stayed full for the
 * completion timeout), ARGUMENT, ROLE (a raw link), COUNTER, RECORD. */
int pcie_link_write(pcie_link *link, uint64_t address, const void *data, size_t bytes);

/* The end of a read that was started: status is PCIE_LINK_OK or an error of pcie_link_read. */
typedef void pcie_link_done(void *context, pcie_link *link, int status);
enum { PCIE_LINK_TRANSFERS = 64 };
/* Starts a read and returns at once; `done` is called once, by a later call of this link. The buffer must
 * stay until then. At most PCIE_LINK_TRANSFERS reads at once, of any size. Errors, with which `done` is not
 * called: FULL, DISABLED, DOWN, CLOSED, ARGUMENT. */
int pcie_link_read_start(pcie_link *link, uint64_t address, void *buffer, size_t bytes, int timeout,
                         pcie_link_done *done, void *context);

/* --- device --- */

enum {
  PCIE_LINK_MSIX = 1,         /* number: the vector */
  PCIE_LINK_MSI = 2,          /* number: the vector */
  PCIE_LINK_INTX_ASSERT = 3,  /* number: 0 */
  PCIE_LINK_INTX_DEASSERT = 4 /* number: 0 */
};
/* Raises an interrupt, after everything that this program wrote before. The function's enables and masks
 * are applied by the broker: a masked MSI-X vector becomes pending. Errors: ARGUMENT, ROLE, DOWN, CLOSED,
 * TIMEOUT. */
int pcie_link_interrupt(pcie_link *link, int kind, int number);

/* --- host --- */

/* A function's address: bus 0 to 255, device 0 to 31, function 0 to 7. */
static inline uint16_t pcie_link_bdf(unsigned bus, unsigned device, unsigned function) {
  return (uint16_t)((bus & 255u) << 8 | (device & 31u) << 3 | (function & 7u));
}

/* The bus behind the link is 1: functions on it are reached by Type 0 requests, those of higher buses by
 * Type 1. */
enum { PCIE_LINK_FIRST_BUS = 1 };

/* Configuration space, `bytes` 1, 2 or 4, not crossing a DW; offset 0 to 4095. Errors: ARGUMENT, ROLE, UR
 * (nobody there: *value is all ones), CRS, CA, POISONED, TIMEOUT (*value is all ones), DOWN, CLOSED, NESTED,
 * FULL. */
int pcie_link_config_read(pcie_link *link, uint16_t function, uint32_t offset, int bytes, uint32_t *value);
int pcie_link_config_write(pcie_link *link, uint16_t function, uint32_t offset, int bytes, uint32_t value);

/* Lends memory to devices: their reads and writes of [address, address + bytes) go to `memory`, until it is
 * removed. What lies outside all regions is answered as Unsupported Request (reads) and dropped (writes).
 * At most PCIE_LINK_REGIONS, which must not overlap. Errors: ARGUMENT, ROLE, FULL, ABSENT. */
enum { PCIE_LINK_REGIONS = 16 };
int pcie_link_memory_add(pcie_link *link, uint64_t address, void *memory, uint64_t bytes);
int pcie_link_memory_remove(pcie_link *link, uint64_t address);
/* Where memory writes are interrupts. One range; bytes 0: none. A new link has 0xfee00000 with 1 MiB. */
int pcie_link_interrupt_range(pcie_link *link, uint64_t address, uint64_t bytes);

/* A function that enumeration has found and set up. */
typedef struct pcie_link_found {
  uint16_t bdf;
  uint16_t vendor_id, device_id;
  uint16_t msix_vectors; /* 0: no MSI-X capability */
  uint32_t class_code;
  uint32_t msix_capability; /* offset in configuration space; 0: none */
  uint32_t msi_capability;  /* same */
  uint32_t express_capability;
  uint32_t msix_table_bar, msix_table_offset;
  pcie_link_bar bars[PCIE_LINK_BARS];
  uint64_t addresses[PCIE_LINK_BARS];
} pcie_link_found;

/* Finds the functions of the device on the first bus, sizes and places their BARs (from 0xe0000000 below 4
 * GiB, from 256 GiB above, I/O from 0x1000), sets the payload size to the least that they support and
 * enables memory, I/O and bus mastering. Waits up to a second for functions that answer with retry status.
 * A bridge is reported, but what lies behind it is not searched. Returns how many were found, at most
 * `capacity`. Errors: ROLE, FULL (no address space), TIMEOUT, DOWN, CLOSED, NESTED. */
int pcie_link_enumerate(pcie_link *link, pcie_link_found *found, int capacity);
/* Gives an MSI-X vector an address and data, unmasks it and enables MSI-X. Errors: ABSENT, ARGUMENT, and
 * those of pcie_link_config_write and pcie_link_read. */
int pcie_link_msix_allocate(pcie_link *link, const pcie_link_found *function, int vector, uint64_t address,
                            uint32_t data);

/* --- raw TLPs --- */

/* A TLP on the link, in bytes: prefixes, header (12 or 16 bytes, big-endian as on the wire), payload,
 * digest; no framing, sequence number or LCRC. */
enum { PCIE_LINK_TLP_BYTES_MIN = 12, PCIE_LINK_TLP_BYTES_MAX = 32 + 16 + 4096 + 4 };

/* Sends one TLP as it is, even one that breaks the rules; `bytes` is a multiple of 4. Allowed on every
 * link, so that a device can misbehave. Waits for room; the descriptor of a raw link becomes ready when there
 * is room after a TIMEOUT. Errors: ARGUMENT, DOWN, TIMEOUT, CLOSED. */
int pcie_link_send(pcie_link *link, const void *tlp, size_t bytes, int timeout);
/* Takes the next TLP; raw links only. Returns its size. Errors: ROLE, ARGUMENT (capacity below
 * PCIE_LINK_TLP_BYTES_MAX), TIMEOUT, CLOSED, COUNTER, RECORD. */
int pcie_link_receive(pcie_link *link, void *tlp, size_t capacity, int timeout);

/* Counts since the link was opened. */
typedef struct pcie_link_counters {
  uint64_t sent, received;         /* records */
  uint64_t unexpected_completions; /* completions whose tag nobody waits for */
  uint64_t unsupported_requests;   /* requests of the other side that were answered or dropped as such */
  uint64_t malformed;              /* TLPs whose length or type contradicts itself; dropped */
  uint64_t timeouts;
  uint64_t slept; /* waits that ended asleep */
} pcie_link_counters;
const pcie_link_counters *pcie_link_statistics(const pcie_link *link);

#ifdef __cplusplus
}
#endif
#endif
