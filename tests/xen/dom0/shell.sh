# SPDX-License-Identifier: MIT OR GPL-2.0-only
# A prompt: netback, netfront, xl and the rest are there. Its end is the end.
. /job/lib.sh
echo "/job has the scenarios' functions: . /job/lib.sh. Leave with exit."
setsid cttyhack sh
