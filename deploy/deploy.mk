# SPDX-License-Identifier: MIT

.PHONY: dependencies
dependencies:
	@deploy/dependencies.sh
