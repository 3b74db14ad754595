package ip

import "cwlab/comware/feature"

// absent says why there is nothing to tell of an interface.
func absent(x *feature.Exec, name string) {
	if _, _, kept := keptInterface(x.Box, name); kept && x.Box.Conf.Root().Child(key(name)) != nil {
		x.Error("Error: The interface is only kept in the configuration.")
		return
	}
	x.Error("Error: The interface does not exist.")
}
