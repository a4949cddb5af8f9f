/* A program is the application and nothing else. */
#include "platform.h"

int main(void) { return application(); }
