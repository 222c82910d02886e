# SPDX-License-Identifier: Apache-2.0
.PHONY: check test kernel root docs bench

check: ; mvn -B -ntp verify
test: ; mvn -B -ntp test -Ddolium.excludedGroups=kernel
kernel: ; mvn -B -ntp test -Dgroups=kernel
root: ; mvn -B -ntp test -Dgroups=root
docs: ; mvn -B -ntp test -pl examples -am -Dtest='Readme*Test,ArchitectureTest' -Dsurefire.failIfNoSpecifiedTests=false
bench: ; benchmarks/run
