package kept

import "cwlab/comware/feature"

// What inspection does to traffic that a rule matches.
const verdict = "{ { block-source | drop | permit | redirect | reset } | capture | logging } *"

// dpi is the DPI engine and the policies it applies: IPS, anti-virus, URL and
// data filtering, bandwidth management; and user identification.
var dpi = module{
	views: []feature.View{
		{Name: "app-profile", Parent: "system", Title: "App-profile"},
		{Name: "ips-policy", Parent: "system", Title: "IPS policy"},
		{Name: "av-policy", Parent: "system", Title: "Anti-virus policy"},
		{Name: "url-policy", Parent: "system", Title: "URL-filter policy"},
		{Name: "url-category", Parent: "system", Title: "URL-filter category"},
		{Name: "data-policy", Parent: "system", Title: "Data-filter policy"},
		{Name: "data-rule", Parent: "data-policy", Title: "Data-filter rule"},
		{Name: "data-keyword", Parent: "system", Title: "Data-filter keyword group"},
		{Name: "file-policy", Parent: "system", Title: "File-filter policy"},
		{Name: "file-rule", Parent: "file-policy", Title: "File-filter rule"},
		{Name: "file-type", Parent: "system", Title: "File-filter file type group"},
		{Name: "uapp-policy", Parent: "system", Title: "Application audit policy"},
		{Name: "traffic-policy", Parent: "system", Title: "Traffic-policy"},
		{Name: "traffic-profile", Parent: "traffic-policy", Title: "Traffic-policy profile"},
		{Name: "traffic-rule", Parent: "traffic-policy", Title: "Traffic-policy rule"},
		{Name: "inspect-param", Parent: "system", Title: "Inspect parameter profile"},
		{Name: "identity-restful", Parent: "system", Title: "RESTful server"},
		{Name: "identity-import", Parent: "system", Title: "User import policy"},
		{Name: "identity-group", Parent: "system", Title: "Identity user group"},
	},
	parts: []part{
		{views: "system", place: placeDPI, lines: `
			inspect bypass
			inspect stream-fixed-length { dns | email | ftp | http | https | imap | nfs | pop3 | rtmp | sip | smb | smtp | telnet | tls } <kilobytes:1-2048> -> inspect stream-fixed-length { dns | email | ftp | http | https | imap | nfs | pop3 | rtmp | sip | smb | smtp | telnet | tls }
			inspect stream-fixed-length disable
			inspect cache-option maximum <kilobytes:1-254> -> inspect cache-option
			inspect tcp-reassemble enable
			inspect tcp-reassemble max-segment <segments:10-50>
			inspect cpu-threshold disable
			inspect optimization [ chunk | no-acsignature | raw | uncompress | url-normalization ] disable -> =
			inspect packet maximum <packets:1-255>
			inspect dual-active enable
			inspect auto-bypass enable
			inspect file-fixed-length enable
			inspect real-ip enable`},
		{views: "system", place: placeDPI + 1, lines: `
			inspect { block-source | capture | email | logging | redirect | warning } parameter-profile <profile:string:1-63> -> = >> inspect-param inspect-$2-<profile>`},
		{views: "inspect-param", lines: `
			block-period <seconds:1-86400>
			capture-limit <kilobytes:0-1024>
			export repeating-at <clock:string:5-8>
			export url <url:string:1-255>
			log { email | syslog } -> =
			log language chinese -> log language
			redirect-url <url:string:9-63>
			email-server <host:string:1-63>
			sender <mail:string:3-63>
			receiver <mail:string:3-502>
			authentication enable
			username <user:string:1-63>
			password { cipher <secret:string:1-117> | simple <plain:string:1-63> }
			secure-authentication enable`},
		{views: "system", place: placeDPI + 2, lines: `
			app-profile <profile:string:1-100> -> = >> app-profile app-profile-<profile>`},
		{views: "app-profile", lines: `
			description <text:text:1-127>
			ips apply policy <policy:string:1-63> mode { alert | protect } -> ips apply policy
			anti-virus apply policy <policy:string:1-63> mode { alert | protect } -> anti-virus apply policy
			url-filter apply policy <policy:string:1-31> -> url-filter apply policy
			data-filter apply policy <policy:string:1-31> -> data-filter apply policy
			file-filter apply policy <policy:string:1-31> -> file-filter apply policy
			waf apply policy <policy:string:1-63> mode { alert | protect } -> waf apply policy
			sandbox apply policy <policy:string:1-63> -> sandbox apply policy`},
		{views: "system", place: placeDPI + 3, lines: `
			ips policy <policy:string:1-63> -> = >> ips-policy ips-policy-<policy>
			ips signature import snort <file:string:1-255> -> ips signature import snort
			ips signature auto-update -> ips signature auto-update
			ips { block-source | capture | email | logging | redirect } parameter-profile <profile:string:1-63> -> ips { block-source | capture | email | logging | redirect } parameter-profile`},
		{views: "ips-policy", lines: `
			protect-target { <target:string:1-63> [ <sub-target:string:1-63> | all ] | all } -> =
			attack-category { <category:string:1-63> [ <sub-category:string:1-63> | all ] | all } -> =
			severity-level { critical | high | low | medium } *
			object-dir { client | server } *
			action ` + verdict + `
			signature override { pre-defined | user-defined } <signature:1-4294967295> { { disable | enable } [ { block-source | drop | permit | redirect | reset } | capture | logging ] * } -> signature override { pre-defined | user-defined } <signature>
			signature override all ` + verdict + ` -> signature override all
			status { disabled | enabled } *`},
		{views: "system", place: placeDPI + 4, lines: `
			anti-virus policy <policy:string:1-63> -> = >> av-policy anti-virus-policy-<policy>
			anti-virus signature auto-update -> anti-virus signature auto-update
			anti-virus parameter-profile warning <profile:string:1-63> -> anti-virus parameter-profile warning`},
		{views: "av-policy", lines: `
			description <text:text:1-255>
			inspect { ftp | http | imap | nfs | pop3 | smb | smtp } [ direction { both | download | upload } ] [ cache-file-size <kilobytes:1-24> ] [ action { alert | block | redirect } ] -> inspect { ftp | http | imap | nfs | pop3 | smb | smtp }
			exception application <app:string:1-63> action { alert | block | permit } -> exception application <app>
			exception signature <signature:1-4294967295> -> =
			signature severity { critical | high | low | medium } enable -> signature severity enable
			warning parameter-profile <profile:string:1-63>`},
		{views: "system", place: placeDPI + 5, lines: `
			url-filter category <category:string:1-63> [ severity <severity:1000-65535> ] -> url-filter category <category> >> url-category url-filter-category-<category>
			url-filter policy <policy:string:1-31> -> = >> url-policy url-filter-policy-<policy>
			url-filter signature auto-update -> url-filter signature auto-update
			url-filter log directory root
			url-filter log except pre-defined { css | gif | ico | jpg | js | png | swf | xml } -> =
			url-filter cache size <entries:100-32768>
			url-filter cache-time <minutes:10-720>`},
		{views: "url-category", lines: `
			description <text:text:1-255>
			include pre-defined <category:string:1-63> -> =
			rule <rule:1-65535> host { regex <regex:string:3-224> | text <host:string:3-224> } [ uri { regex <uri-regex:string:3-224> | text <uri:string:3-224> } ] -> rule <rule>`},
		{views: "url-policy", lines: `
			description <text:text:1-255>
			add { blacklist | whitelist } <rule:1-65535> host { regex <regex:string:3-224> | text <host:string:3-224> } [ uri { regex <uri-regex:string:3-224> | text <uri:string:3-224> } ] -> add { blacklist | whitelist } <rule>
			category <category:string:1-63> action { block-source [ parameter-profile <profile:string:1-63> ] | drop | permit | redirect parameter-profile <profile:string:1-63> | reset } [ logging [ parameter-profile <log-profile:string:1-63> ] ] -> category <category>
			cloud-query enable
			default-action { block-source [ parameter-profile <profile:string:1-63> ] | drop | permit | redirect parameter-profile <profile:string:1-63> | reset } [ logging [ parameter-profile <log-profile:string:1-63> ] ] -> default-action
			https-filter enable
			referer-whitelist enable
			whitelist-mode enable`},
		{views: "system", place: placeDPI + 6, lines: `
			data-filter keyword-group <group:string:1-31> -> = >> data-keyword data-filter-kgroup-<group>
			data-filter policy <policy:string:1-31> -> = >> data-policy data-filter-policy-<policy>
			file-filter filetype-group <group:string:1-31> -> = >> file-type file-filter-fgroup-<group>
			file-filter policy <policy:string:1-31> -> = >> file-policy file-filter-policy-<policy>
			file-filter false-extension action { drop | permit } -> file-filter false-extension action`},
		{views: "data-keyword", lines: `
			description <text:text:1-255>
			pre-defined-pattern name { bank-card-number | credit-card-number | id-card-number | phone-number } -> =
			pattern <pattern:string:1-31> { regex | text } <value:string:3-245> -> pattern <pattern>`},
		{views: "file-type", lines: `
			description <text:text:1-255>
			pattern <pattern:string:1-31> text <value:string:1-8> -> pattern <pattern>`},
		{views: "data-policy", lines: `
			description <text:text:1-255>
			rule <name:string:1-31> -> = >> data-rule ^-rule-<name>`},
		{views: "file-policy", lines: `
			description <text:text:1-255>
			rule <name:string:1-31> -> = >> file-rule ^-rule-<name>`},
		{views: "data-rule", lines: `
			keyword-group <group:string:1-31> -> =
			application { all | type { ftp | http | imap | nfs | pop3 | rtmp | smb | smtp } * } -> application
			direction { both | download | upload } := direction upload
			action { drop | permit } [ logging ] -> action`},
		{views: "file-rule", lines: `
			filetype-group <group:string:1-31> -> =
			application { all | type { ftp | http | imap | nfs | pop3 | rtmp | smb | smtp } * } -> application
			direction { both | download | upload } := direction upload
			action { drop | permit } [ logging ] -> action`},
		{views: "system", place: placeDPI + 7, lines: `
			uapp-control policy name <policy:string:1-63> { audit | deny | noaudit } -> uapp-control policy name <policy> >> uapp-policy uapp-control-policy-<policy>`},
		{views: "uapp-policy", lines: `
			source-zone <zone:string:1-31> -> =
			destination-zone <zone:string:1-31> -> =
			source-address ipv4 <group:string:1-63> -> =
			destination-address ipv4 <group:string:1-63> -> =
			service <service:string:1-63> -> =
			user <user:string:1-55> -> =
			application { app <app:string:1-63> | app-group <app-group:string:1-63> } -> =
			time-range <range:string:1-63>
			disable
			rule <rule:1-64> { app <app:string:1-63> | app-category <category:string:1-63> | any } behavior { <behavior:string:1-63> | any } bhcontent { <content:string:1-63> | any } { keyword { equal | exclude | include | unequal } { <keyword:string:1-63> | any } | integer { equal | greater | greater-equal | less | less-equal | unequal } { <value:0-4294967295> | any } } action { deny | permit } [ audit-logging ] -> rule <rule>`},
		{views: "system", place: placeBandwidth, lines: `
			traffic-policy -> = >> traffic-policy traffic-policy`},
		{views: "traffic-policy", lines: `
			profile name <profile:string:1-63> -> = >> traffic-profile ^-profile-<profile>`},
		{views: "traffic-policy", place: 10, same: true, lines: `
			rule <rule:0-65535> name <name:string:1-63> [ parent <parent:string:1-63> ] -> rule <rule> >> traffic-rule ^-rule-<rule>-<name>
			rule name <name:string:1-63> [ parent <parent:string:1-63> ] -> rule name <name> >> traffic-rule ^-rule-<name>`},
		{views: "traffic-profile", lines: `
			bandwidth { downstream | total | upstream } { guaranteed | maximum } <kbits:8-100000000> -> bandwidth { downstream | total | upstream } { guaranteed | maximum }
			bandwidth { downstream | total | upstream } { guaranteed | maximum } { per-ip | per-user } <kbits:8-100000000> -> bandwidth { downstream | total | upstream } { guaranteed | maximum } { per-ip | per-user }
			bandwidth average enable
			connection-limit count { per-rule | per-ip | per-user } <count:1-12000000> -> connection-limit count { per-rule | per-ip | per-user }
			connection-limit rate { per-rule | per-ip | per-user } <rate:1-12000000> -> connection-limit rate { per-rule | per-ip | per-user }
			traffic-priority <priority:1-7>
			remark dscp <dscp:string:1-7>`},
		{views: "traffic-rule", lines: `
			action { deny | none | qos profile <profile:string:1-63> }
			source-zone <zone:string:1-31> -> =
			destination-zone <zone:string:1-31> -> =
			source-address { ipv4 | ipv6 } <group:string:1-63> -> =
			destination-address { ipv4 | ipv6 } <group:string:1-63> -> =
			service <service:string:1-63> -> =
			application { app <app:string:1-63> | app-group <app-group:string:1-63> } -> =
			user <user:string:1-55> [ domain <domain:string:1-255> ] -> =
			user-group <group:string:1-200> [ domain <domain:string:1-255> ] -> =
			dscp <dscp:string:1-7> -> =
			time-range <range:string:1-63>
			disable`},
		{views: "system", place: placeUser, lines: `
			user-identity enable
			user-identity static-user <user:string:1-55> [ domain <domain:string:1-255> ] bind { ipv4 <address:ip> | ipv6 <six:ipv6> } [ mac <mac:mac> ] -> =
			user-identity online-user-name-match { keep-original | with-domain | without-domain } -> user-identity online-user-name-match
			user-identity restful-server <name:string:1-31> -> = >> identity-restful user-identity-restfulserver-<name>
			user-identity user-import-policy <policy:string:1-63> -> = >> identity-import user-identity-user-impt-policy-<policy>
			user-identity user-account auto-import policy <policy:string:1-63> -> =`},
		{views: "identity-restful", lines: `
			login-name <user:string:1-55> password { cipher <secret:string:1-117> | simple <plain:string:1-63> } -> login-name
			uri { get-online-user | get-user-database | get-user-group-database | put-offline-user | put-online-user } <url:string:1-255> -> uri { get-online-user | get-user-database | get-user-group-database | put-offline-user | put-online-user }
			connection-detect { interval <interval:1-10> | maximum <times:1-10> } -> connection-detect { interval | maximum }
			vpn-instance <vpn:string:1-31>`},
		{views: "identity-import", lines: `
			account-update-interval <hours:1-744>
			ldap-scheme <ldap:string:1-32> -> =
			restful-server <name:string:1-31> -> =
			import-type { all | user | user-group }`},
		{views: "system", place: placeUser - 5, lines: `
			application-proxy enable
			terminal-identification enable
			ip-reputation
			domain-reputation
			ip-mac binding ipv4 <address:ip> mac-address <mac:mac> [ vlan <vlan:1-4094> ] [ vpn-instance <vpn:string:1-31> ] -> ip-mac binding ipv4 <address> [ vpn-instance <vpn> ]
			ip-mac binding enable
			ip-mac binding no-match action deny`},
	},
	texts: `
		action=Action on traffic that matches
		description=Describe it
		rule=Rule
		<rule>=Number of the rule
		<name>=Name
		<group>=Name of a group
		mode=What is done about attacks
		log=Where logs go
		http=HTTP
		https=HTTPS
		email=Mail, or by mail
		url=URL
		user=User
		any=Any
		all=All
		inspect=Inspect traffic
		application=Application
		both=Both directions
		signature=Signature
		<text>=Text
		text=Match a text
		regex=Match a regular expression
		<category>=Name of a category
		<value>=Value to match
		category=Category
		profile=Profile
		bandwidth=Limit or guarantee of bandwidth
		maximum=Maximum
		<count>=Number of connections
		<rate>=Connections per second
		dscp=DSCP value
		<dscp>=Number or name of a DSCP value
		remark=Mark packets
		low=Low
		medium=Medium
		high=High
		critical=Critical
		name=Name
		ipv4=IPv4 address
		ipv6=IPv6 address
		authentication=Authenticate at the mail server
		telnet=Telnet
		tls=TLS
		enable=Enable
		host=Host part of the URL
		<host>=Host
		policy=Policy
		capture=Capture packets
		drop=Drop packets
		permit=Let packets pass
		reset=Reset the connection
		redirect=Redirect the user to another page
		block-source=Block the source for a time
		client=Attacks on clients
		server=Attacks on servers
		greater-equal=Greater or equal
		less-equal=Less or equal
		equal=Equal
		integer=Number
		keyword=Word
		interval=Interval
		<interval>=Interval in minutes
		domain=Domain
		include=Member, or that includes the word
		service=Service
		<service>=Name of a service object group
		time-range=Time range
		mac=MAC address
		mac-address=MAC address
		redirect-url=URL of the page
		export=Where captured packets go
		password=Password
		username=User name`,
}
