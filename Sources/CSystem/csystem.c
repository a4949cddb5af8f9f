#include "csystem.h"
#include <errno.h>
#include <sys/prctl.h>
int csys_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1) ? errno : 0; }
