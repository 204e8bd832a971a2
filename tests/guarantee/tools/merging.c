/* SPDX-License-Identifier: MIT
 * merging PROGRAM [ARGUMENT ...]: runs a program all of whose memory KSM may merge. */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PR_SET_MEMORY_MERGE /* Linux 6.4 */
#define PR_SET_MEMORY_MERGE 67
#endif

int main(int count, char **words)
{
    if (count < 2)
        return 2;
    if (prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0) < 0) {
        perror("prctl(PR_SET_MEMORY_MERGE)");
        return 1;
    }
    execv(words[1], words + 1);
    perror(words[1]);
    return 1;
}
