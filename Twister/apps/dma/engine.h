/* The registers of the Linux endpoint test function, which driver and device share: 32 bits each in BAR 0,
 * by offset. Source: Linux, Documentation/PCI/endpoint/pci-test-function.rst. */
#ifndef ENGINE_H
#define ENGINE_H

enum engine_register {
  ENGINE_COMMAND = 0x04,
  ENGINE_STATUS = 0x08,
  ENGINE_SOURCE = 0x0c, /* low half; the high one follows */
  ENGINE_TARGET = 0x14, /* low half; the high one follows */
  ENGINE_SIZE = 0x1c,
  ENGINE_CHECKSUM = 0x20,
  ENGINE_KIND = 0x24,   /* of the interrupt */
  ENGINE_NUMBER = 0x28, /* of the vector, from 1 on */
};
enum { ENGINE_BAR = 0, ENGINE_BAR_BYTES = 4096, ENGINE_KIND_MSIX = 2 };

enum engine_command {
  ENGINE_RAISE = 1 << 2, /* MSI-X */
  ENGINE_READ = 1 << 3,
  ENGINE_WRITE = 1 << 4,
  ENGINE_COPY = 1 << 5
};

enum engine_status {
  ENGINE_READ_DONE = 1 << 0,
  ENGINE_READ_FAILED = 1 << 1,
  ENGINE_WRITE_DONE = 1 << 2,
  ENGINE_WRITE_FAILED = 1 << 3,
  ENGINE_COPY_DONE = 1 << 4,
  ENGINE_COPY_FAILED = 1 << 5,
  ENGINE_INTERRUPT_RAISED = 1 << 6
};

#endif
