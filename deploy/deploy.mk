# SPDX-License-Identifier: MIT

.PHONY: dependencies
dependencies:
	@deploy/dependencies.sh

# FILE=PATH: the file that the guest reads.
.PHONY: demo
demo: dependencies
	@$(MAKE) --no-print-directory -s -j$(shell nproc) programs guests
	@BUILD=$(B) FILE='$(FILE)' deploy/demo.sh
