/* What the Glibc module does not import: Linux system calls as plain functions. */
#ifndef CSYSTEM_H
#define CSYSTEM_H
/* Makes this process the one that inherits orphaned descendants. Returns 0 or an errno. */
int csys_subreaper(void);
#endif
