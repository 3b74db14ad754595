package kept

import "cwlab/comware/feature"

// bfd is "BFD" of the high availability command reference.
var bfd = module{
	views: []feature.View{{Name: "bfd-template", Parent: "system", Title: "BFD template"}},
	parts: []part{
		{views: "system", place: placeForward + 4, lines: `
			bfd echo-source-ip <address:ip>
			bfd echo-source-ipv6 <six:ipv6>
			bfd multi-hop authentication-mode { m-md5 | m-sha1 | md5 | sha1 | simple } <key:1-255> { cipher <secret:string:1-201> | plain <plain:string:1-20> } -> bfd multi-hop authentication-mode
			bfd multi-hop destination-port <port:3784-4784>
			bfd multi-hop detect-multiplier <multiplier:3-50>
			bfd multi-hop min-receive-interval <milliseconds:10-1000>
			bfd multi-hop min-transmit-interval <milliseconds:10-1000>
			bfd session init-mode { active | passive } -> bfd session init-mode
			bfd template <name:string:1-63> -> = >> bfd-template bfd-template-<name>`},
		{views: layer3, place: placeServices + 40, lines: `
			bfd demand enable
			bfd echo [ receive | send ] enable -> bfd echo [ receive | send ] enable
			bfd detect-interface source-ip <address:ip> [ discriminator local <local:1-32767> remote <remote:1-4294967295> ] -> bfd detect-interface
			bfd min-echo-receive-interval <milliseconds:0-1000>
			bfd authentication-mode { m-md5 | m-sha1 | md5 | sha1 | simple } <key:1-255> { cipher <secret:string:1-201> | plain <plain:string:1-20> } -> bfd authentication-mode
			bfd detect-multiplier <multiplier:3-50>
			bfd min-receive-interval <milliseconds:10-1000>
			bfd min-transmit-interval <milliseconds:10-1000>`},
		{views: "bfd-template", lines: `
			bfd authentication-mode { m-md5 | m-sha1 | md5 | sha1 | simple } <key:1-255> { cipher <secret:string:1-201> | plain <plain:string:1-20> } -> bfd authentication-mode
			bfd detect-multiplier <multiplier:3-50>
			bfd min-receive-interval <milliseconds:10-1000>
			bfd min-transmit-interval <milliseconds:10-1000>`},
	},
	texts: `
		echo-source-ip=Source address of echo packets
		echo-source-ipv6=Source IPv6 address of echo packets
		m-md5=Meticulous MD5
		m-sha1=Meticulous SHA-1
		detect-multiplier=Packets missed until the session is down
		<multiplier>=Multiplier
		min-receive-interval=Shortest interval of packets received
		min-transmit-interval=Shortest interval of packets sent
		min-echo-receive-interval=Shortest interval of echo packets received
		init-mode=Mode in which sessions begin
		template=BFD template
		demand=Demand mode
		echo=Echo packets
		receive=Receive them
		detect-interface=Detect the state of the interface
		source-ip=Source address
		discriminator=Discriminators
		<local>=Local discriminator
		<remote>=Remote discriminator
		active=Send control packets at once
		passive=Wait for control packets
		simple=Simple password
		send=Send them`,
}
